//! `shop report`: a job that asks the api how the orders are.

use crate::orders;
use crate::settings;

/// Prints one line.
pub fn run() -> Result<(), String> {
    let orders = orders::Client::new(settings::required("API_URL")?).list()?;
    let all = orders.as_array().map(Vec::len).unwrap_or_default();
    let done = orders
        .as_array()
        .map(|list| list.iter().filter(|order| order["state"] == "done").count())
        .unwrap_or_default();
    println!("report: {all} orders, {done} done, {} waiting", all - done);
    Ok(())
}
