//! An order and its job in a transaction of `SeaORM`.

use adapters::tasks::billing::send_invoice;
use adapters::{Error, Shop, invoice, tell};
use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait as _,
};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let shop = Shop::open().await?;
    let db = Database::connect(&shop.url).await?;
    for (customer, pays) in [("ada@example.com", true), ("eve@example.com", false)] {
        tell(customer, buy(&db, customer, pays).await);
    }
    shop.send_invoices().await
}

async fn buy(db: &DatabaseConnection, customer: &str, pays: bool) -> Result<Uuid, Error> {
    let order = Uuid::now_v7();
    let tx = db.begin().await?;
    let sql = "INSERT INTO purchases (id, customer) VALUES ($1, $2)";
    let values = [order.into(), customer.into()];
    let insert = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    tx.execute_raw(insert).await?;
    send_invoice::enqueue(&tx, invoice(order, customer)?).await?;
    if !pays {
        return Err("the card was declined".into()); // dropped, the transaction is rolled back
    }
    tx.commit().await?;
    Ok(order)
}
