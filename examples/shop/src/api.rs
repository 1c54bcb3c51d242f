//! `shop api`: accepts orders, puts them on the queue, keeps what the worker says about them.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use serde_json::Value;
use serde_json::json;

use crate::aws;
use crate::http;
use crate::http::Request;
use crate::http::Response;
use crate::orders::Store;
use crate::settings;
use crate::sqs::Queue;

/// Serves on port 8080.
pub fn run() -> Result<(), String> {
    let queue = Queue::new(settings::required("ORDERS_QUEUE_URL")?)?;
    let key = settings::secret("SHOP_SIGNING_KEY").ok_or("the secret SHOP_SIGNING_KEY is missing")?;
    let store = Store::open(settings::variable("SHOP_DATA"))?;
    http::serve("0.0.0.0:8080", move |request| route(request, &store, &queue, &key))
}

fn route(request: &Request, store: &Store, queue: &Queue, key: &str) -> Response {
    if let Some(response) = http::common(request) {
        return response;
    }
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["orders"]) => Response::json(200, &Value::Array(store.list())),
        ("GET", ["orders", id]) => match store.get(id) {
            Some(order) => Response::json(200, &order),
            None => Response::text(404, "no such order\n"),
        },
        ("POST", ["orders"]) => accept(request, store, queue, key),
        ("POST", ["orders", id, "done"]) => done(id, request, store),
        _ => Response::text(404, "no such page\n"),
    }
}

/// Keeps a new order and puts it on the queue.
fn accept(request: &Request, store: &Store, queue: &Queue, key: &str) -> Response {
    let Ok(wish) = serde_json::from_slice::<Value>(&request.body) else {
        return Response::text(400, "an order is a JSON document\n");
    };
    let item = wish["item"].as_str().unwrap_or_default().trim().to_owned();
    let quantity = wish["quantity"].as_u64().unwrap_or(1);
    if item.is_empty() || item.len() > 100 || !(1..=1000).contains(&quantity) {
        return Response::text(400, "an order needs an item and a quantity of 1 to 1000\n");
    }
    let id = match new_id() {
        Ok(id) => id,
        Err(reason) => return Response::text(503, format!("{reason}\n")),
    };
    let receipt = &aws::hex(&aws::hmac(key.as_bytes(), id.as_bytes()))[..16];
    let order = json!({
        "id": id, "item": item, "quantity": quantity, "state": "queued", "receipt": receipt,
    });
    // First kept, then queued: the worker may answer before this function ends.
    let result = store
        .put(&id, &order)
        .and_then(|()| queue.send(&json!({ "id": id, "item": item, "quantity": quantity }).to_string()));
    match result {
        Ok(()) => {
            println!("api: order {id}: {quantity} × {item}, queued");
            Response::json(201, &order)
        }
        Err(reason) => {
            eprintln!("api: order {id} failed: {reason}");
            Response::text(502, format!("the order could not be queued: {reason}\n"))
        }
    }
}

/// Notes that the worker has finished an order. Twice is as good as once: a queue may deliver a
/// message again.
fn done(id: &str, request: &Request, store: &Store) -> Response {
    let Some(mut order) = store.get(id) else {
        return Response::text(404, "no such order\n");
    };
    let message: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    order["state"] = json!("done");
    order["by"] = message["by"].clone();
    match store.put(id, &order) {
        Ok(()) => Response::json(200, &order),
        Err(reason) => Response::text(503, format!("{reason}\n")),
    }
}

/// Returns an id that sorts by time: milliseconds, then 32 random bits.
fn new_id() -> Result<String, String> {
    use std::io::Read;
    let mut random = [0; 4];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut random))
        .map_err(|e| format!("no randomness: {e}"))?;
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
    Ok(format!("{:012x}{}", time.as_millis(), aws::hex(&random)))
}
