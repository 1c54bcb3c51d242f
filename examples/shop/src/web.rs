//! `shop web`: the page that people see.

use serde_json::Value;
use serde_json::json;

use crate::http;
use crate::http::Request;
use crate::http::Response;
use crate::orders::Client;
use crate::settings;

const ITEMS: [&str; 4] = ["rope", "lantern", "compass", "sailcloth"];

/// Serves on port 8080.
pub fn run() -> Result<(), String> {
    let api = Client::new(settings::required("API_URL")?);
    http::serve("0.0.0.0:8080", move |request| route(request, &api))
}

fn route(request: &Request, api: &Client) -> Response {
    if let Some(response) = http::common(request) {
        return response;
    }
    if let Some(pause) = settings::slow() {
        std::thread::sleep(pause);
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET" | "HEAD", "/") => page(api),
        ("GET", "/orders") => match api.list() {
            Ok(orders) => Response::json(200, &orders),
            Err(reason) => bad_gateway(&reason),
        },
        ("POST", "/order") => order(request, api),
        (_, "/" | "/orders" | "/order") => Response::text(405, "not with this method\n"),
        _ => Response::text(404, "no such page\n"),
    }
}

/// Passes an order on: a form from the page, or JSON from a program.
fn order(request: &Request, api: &Client) -> Response {
    let is_form = request
        .header("content-type")
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    let wish = if is_form {
        let fields = form(&request.body);
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let quantity: u64 = field("quantity").and_then(|text| text.parse().ok()).unwrap_or(1);
        json!({ "item": field("item").unwrap_or_default(), "quantity": quantity })
    } else {
        match serde_json::from_slice(&request.body) {
            Ok(wish) => wish,
            Err(_) => return Response::text(400, "an order is a form or a JSON document\n"),
        }
    };
    match api.post("/orders", &wish) {
        Ok(_) if is_form => Response::see_other("/"),
        Ok(order) => Response::json(201, &order),
        Err(reason) => bad_gateway(&reason),
    }
}

fn bad_gateway(reason: &str) -> Response {
    eprintln!("web: {reason}");
    Response::text(502, format!("the api does not answer: {reason}\n"))
}

fn page(api: &Client) -> Response {
    let title = settings::variable("SHOP_TITLE").unwrap_or_else(|| "The chandler's shop".to_owned());
    let rows = match api.list() {
        Ok(orders) => rows(&orders),
        Err(reason) => return bad_gateway(&reason),
    };
    let options: String = ITEMS.iter().map(|item| format!("<option>{item}</option>")).collect();
    Response::html(
        200,
        format!(
            r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }}
  table {{ border-collapse: collapse; width: 100% }}
  th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd }}
  footer {{ color: #777; margin-top: 2rem }}
</style>
<h1>{title}</h1>
<form method="post" action="/order">
  <select name="item">{options}</select>
  <input name="quantity" type="number" min="1" max="1000" value="1">
  <button>Order</button>
</form>
<h2>Orders</h2>
<table>
<tr><th>Order</th><th>Item</th><th>Quantity</th><th>State</th><th>Receipt</th></tr>
{rows}</table>
<footer>web {version}</footer>
"#,
            title = escape(&title),
            version = escape(&settings::version()),
        ),
    )
}

/// Returns the rows of the table, the newest of at most 50 orders first.
fn rows(orders: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => escape(text),
        other => escape(&other.to_string()),
    };
    orders
        .as_array()
        .into_iter()
        .flatten()
        .rev()
        .take(50)
        .map(|order| {
            let cells: String = ["id", "item", "quantity", "state", "receipt"]
                .iter()
                .map(|name| format!("<td>{}</td>", text(&order[*name])))
                .collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Reads `application/x-www-form-urlencoded`.
fn form(body: &[u8]) -> Vec<(String, String)> {
    String::from_utf8_lossy(body)
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let code = std::str::from_utf8(&digits).ok();
                if let Some(code) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
                    bytes.push(code);
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_form() {
        let fields = form(b"item=rope+%26+sail&quantity=3");
        assert_eq!(fields[0], ("item".to_owned(), "rope & sail".to_owned()));
        assert_eq!(fields[1], ("quantity".to_owned(), "3".to_owned()));
    }

    #[test]
    fn a_page_cannot_be_scripted_by_an_order() {
        let orders = json!([{ "id": "1", "item": "<script>", "quantity": 1, "state": "done" }]);
        assert!(rows(&orders).contains("<td>&lt;script&gt;</td>"));
    }
}
