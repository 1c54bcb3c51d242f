//! `MD5OfMessageAttributes`: the Java SDK compares it and fails without, winterbaume leaves it
//! out. The digest is defined in the SQS developer guide, "Calculating the MD5 message digest for
//! message attributes".

use bytes::Bytes;
use md5::Digest;
use md5::Md5;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const DIGEST: &str = "MD5OfMessageAttributes";

/// Adds the digests to the answer of an operation.
pub(super) fn add_digests(action: &str, request: &[u8], answer: Bytes) -> Bytes {
    if !["SendMessage", "SendMessageBatch", "ReceiveMessage"].contains(&action) {
        return answer;
    }
    let (Ok(request), Ok(mut body)) =
        (serde_json::from_slice::<Value>(request), serde_json::from_slice::<Value>(&answer))
    else {
        return answer;
    };
    match action {
        "SendMessage" => put(&mut body, &request["MessageAttributes"]),
        "SendMessageBatch" => {
            for entry in body["Successful"].as_array_mut().into_iter().flatten() {
                let sent = request["Entries"]
                    .as_array()
                    .and_then(|sent| sent.iter().find(|sent| sent["Id"] == entry["Id"]));
                if let Some(sent) = sent {
                    put(entry, &sent["MessageAttributes"]);
                }
            }
        }
        _ => {
            for message in body["Messages"].as_array_mut().into_iter().flatten() {
                let attributes = message["MessageAttributes"].clone();
                put(message, &attributes);
            }
        }
    }
    body.to_string().into()
}

fn put(into: &mut Value, attributes: &Value) {
    let digest = attributes.as_object().filter(|attributes| !attributes.is_empty()).and_then(digest);
    if let (Some(object), Some(digest)) = (into.as_object_mut(), digest) {
        object.insert(DIGEST.to_owned(), json!(digest));
    }
}

/// Returns `None` for binary values: winterbaume does not keep them.
fn digest(attributes: &Map<String, Value>) -> Option<String> {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut hash = Md5::new();
    for (name, value) in sorted {
        for text in [name.as_str(), value["DataType"].as_str()?] {
            hash.update(u32::try_from(text.len()).ok()?.to_be_bytes());
            hash.update(text);
        }
        // The transport type: 1 for text.
        hash.update([1]);
        let text = value["StringValue"].as_str()?;
        hash.update(u32::try_from(text.len()).ok()?.to_be_bytes());
        hash.update(text);
    }
    Some(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests() {
        let text = |data_type: &str, value: &str| json!({"DataType": data_type, "StringValue": value});
        let table = [
            (json!({"kind": text("String", "new")}), Some("6c03da4e31553b96eb78c9e6a0d1a929")),
            (
                json!({"b": text("Number", "1"), "a": text("String", "ä")}),
                Some("85b308740d2fb4c4da8500d68d6f7351"),
            ),
            (json!({"b": {"DataType": "Binary", "BinaryValue": "AA=="}}), None),
            (json!({}), None),
        ];
        for (attributes, expected) in table {
            let request = json!({"MessageBody": "x", "MessageAttributes": attributes}).to_string();
            let answer = add_digests("SendMessage", request.as_bytes(), Bytes::from_static(b"{}"));
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!(answer.get(DIGEST).and_then(Value::as_str), expected, "{request}");
            let entry = json!({"Id": "1", "MessageBody": "x", "MessageAttributes": attributes});
            let request = json!({"Entries": [{"Id": "0"}, entry]}).to_string();
            let answer = add_digests(
                "SendMessageBatch",
                request.as_bytes(),
                Bytes::from_static(b"{\"Successful\":[{\"Id\":\"1\"}]}"),
            );
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!(answer["Successful"][0].get(DIGEST).and_then(Value::as_str), expected, "{request}");
        }
    }
}
