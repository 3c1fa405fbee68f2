-- A batch is a statement of its own to statement_timeout; its rows are read one by one.
FETCH FORWARD 1000 FROM soniq_rows
