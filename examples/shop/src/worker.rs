//! `shop worker`: takes orders off the queue and reports them done.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::http;
use crate::http::Response;
use crate::orders::Client;
use crate::settings;
use crate::sqs::Message;
use crate::sqs::Queue;
use crate::stop;

/// Polls until SIGTERM; an order under way is finished first.
pub fn run() -> Result<(), String> {
    let queue = Queue::new(settings::required("ORDERS_QUEUE_URL")?)?;
    let api = Client::new(settings::required("API_URL")?);
    println!("worker: waiting for orders, version {}", settings::version());

    // Nobody calls a worker; the container's own health check does.
    std::thread::spawn(|| {
        let served = http::serve("127.0.0.1:8080", |request| {
            http::common(request).unwrap_or_else(|| Response::text(404, "no such page\n"))
        });
        if let Err(reason) = served {
            eprintln!("worker: no health endpoint: {reason}");
        }
    });
    // Held while an order is worked on. A long poll is simply cut off: what it might have
    // received becomes visible again.
    let busy = Arc::new(Mutex::new(()));
    let at_work = busy.clone();
    let stop = stop::on_signal(move || {
        let _idle = at_work.lock().unwrap_or_else(PoisonError::into_inner);
        println!("worker: stopped");
        std::process::exit(0);
    })?;

    while !stop.asked() {
        match queue.receive() {
            Ok(messages) => {
                let _working = busy.lock().unwrap_or_else(PoisonError::into_inner);
                for message in &messages {
                    if let Err(reason) = work(message, &api, &queue) {
                        // It stays on the queue and comes again, at last to the dead letters.
                        eprintln!("worker: {reason}");
                    }
                }
            }
            Err(reason) => {
                eprintln!("worker: cannot receive: {reason}");
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }
    // The signal's thread ends the process.
    loop {
        std::thread::park();
    }
}

/// Works on one order.
fn work(message: &Message, api: &Client, queue: &Queue) -> Result<(), String> {
    let order: Value = serde_json::from_str(&message.body).map_err(|e| format!("not an order: {e}"))?;
    let id = order["id"].as_str().ok_or("an order without an id")?;
    if let Some(pause) = settings::slow() {
        std::thread::sleep(pause);
    }
    let by = format!("worker {}", settings::version());
    api.post(&format!("/orders/{id}/done"), &json!({ "by": by }))?;
    queue.delete(message)?;
    println!("worker: order {id} done");
    Ok(())
}
