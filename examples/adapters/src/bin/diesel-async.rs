//! An order and its job in a transaction of diesel-async.

use adapters::tasks::billing::send_invoice;
use adapters::{Error, Shop, invoice, tell};
use diesel::ExpressionMethods as _;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

mod schema {
    diesel::table! {
        purchases (id) {
            id -> Uuid,
            customer -> Text,
        }
    }
}
use schema::purchases;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let shop = Shop::open().await?;
    let mut connection = AsyncPgConnection::establish(&shop.url).await?;
    for (customer, pays) in [("ada@example.com", true), ("eve@example.com", false)] {
        tell(customer, buy(&mut connection, customer, pays).await);
    }
    shop.send_invoices().await
}

async fn buy(
    connection: &mut AsyncPgConnection,
    customer: &str,
    pays: bool,
) -> Result<Uuid, Error> {
    let order = Uuid::now_v7();
    connection
        .transaction(async |tx| {
            diesel::insert_into(purchases::table)
                .values((purchases::id.eq(order), purchases::customer.eq(customer)))
                .execute(tx)
                .await?;
            send_invoice::enqueue(tx, invoice(order, customer)?).await?;
            if !pays {
                return Err("the card was declined".into()); // rolls back
            }
            Ok(order)
        })
        .await
}
