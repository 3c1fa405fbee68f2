//! Every `example()` of generated code is a value that its contract accepts, and comes out of its
//! type as it went in.

use soniq_generated::{drawn, imported, shapes};

use super::{for_each_type, holds, occurrences};

macro_rules! examples {
    ($($type:path;)*) => {
        #[test]
        fn each_is_accepted() {
            $(holds(&<$type>::example());)*
        }

        #[test]
        fn none_is_left_out() {
            let count = occurrences("pub fn example()");
            assert_eq!(count, [$(stringify!($type)),*].len());
        }
    };
}

for_each_type!(examples);

/// What a contract itself gives goes before what is made up.
#[test]
fn the_contracts_own_example_is_taken() {
    let value = holds(&drawn::billing::send_invoice::Args::example());
    assert_eq!(value["customer"], "ada@example.com");
    assert_eq!(value["total"]["amount_minor"], 1999);
    assert_eq!(value["copies"], 1);
}
