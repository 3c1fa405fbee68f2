//! An order and its job in a transaction of sqlx.

use adapters::tasks::billing::send_invoice;
use adapters::{Error, Shop, invoice, tell};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let shop = Shop::open().await?;
    let mut connection = PgConnection::connect(&shop.url).await?;
    for (customer, pays) in [("ada@example.com", true), ("eve@example.com", false)] {
        tell(customer, buy(&mut connection, customer, pays).await);
    }
    shop.send_invoices().await
}

async fn buy(connection: &mut PgConnection, customer: &str, pays: bool) -> Result<Uuid, Error> {
    let order = Uuid::now_v7();
    let mut tx = connection.begin().await?;
    sqlx::query("INSERT INTO purchases (id, customer) VALUES ($1, $2)")
        .bind(order)
        .bind(customer)
        .execute(&mut *tx)
        .await?;
    send_invoice::enqueue(&mut *tx, invoice(order, customer)?).await?;
    if !pays {
        return Err("the card was declined".into()); // dropped, the transaction is rolled back
    }
    tx.commit().await?;
    Ok(order)
}
