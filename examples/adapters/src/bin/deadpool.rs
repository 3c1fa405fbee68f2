//! An order and its job in a transaction of deadpool-postgres.

use adapters::tasks::billing::send_invoice;
use adapters::{Error, Shop, invoice, tell};
use deadpool_postgres::{Client, Manager, Pool};
use tokio_postgres::NoTls;
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let shop = Shop::open().await?;
    let pool = Pool::builder(Manager::new(shop.url.parse()?, NoTls)).build()?;
    let mut client = pool.get().await?;
    for (customer, pays) in [("ada@example.com", true), ("eve@example.com", false)] {
        tell(customer, buy(&mut client, customer, pays).await);
    }
    shop.send_invoices().await
}

async fn buy(client: &mut Client, customer: &str, pays: bool) -> Result<Uuid, Error> {
    let order = Uuid::now_v7();
    let tx = client.transaction().await?;
    let sql = "INSERT INTO purchases (id, customer) VALUES ($1, $2)";
    tx.execute(sql, &[&order, &customer]).await?;
    send_invoice::enqueue(&tx, invoice(order, customer)?).await?;
    if !pays {
        return Err("the card was declined".into()); // dropped, the transaction is rolled back
    }
    tx.commit().await?;
    Ok(order)
}
