//! The query protocol (form fields in, XML out), which older SDKs and the plain command line
//! speak: turned into the JSON protocol.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use winterbaume_core::parse_query_string;

type Fields = Vec<(String, String)>;

/// A request of the query protocol, as the JSON protocol would have it.
pub(super) struct Query {
    /// Operation.
    pub(super) action: String,
    /// Body of the JSON protocol.
    pub(super) body: Value,
}

const NUMBERS: [&str; 4] = ["DelaySeconds", "MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds"];

/// Reads form fields; `None` when they name no action. `path` names the queue when no
/// `QueueUrl` does.
pub(super) fn read(path: &str, form: &str) -> Option<Query> {
    let mut fields: Vec<(String, String)> = parse_query_string(form).into_iter().collect();
    // `X.2` before `X.10`: lists keep their order.
    fields.sort_by_cached_key(|(name, _)| {
        name.split('.').map(|part| (part.parse().unwrap_or(0_u32), part.to_owned())).collect::<Vec<_>>()
    });
    let action = fields.iter().find(|(name, _)| name == "Action")?.1.clone();
    let mut body = object(&fields);
    if !body.contains_key("QueueUrl") && path.len() > 1 {
        body.insert("QueueUrl".to_owned(), json!(path));
    }
    // CreateQueue alone spells it small.
    if action == "CreateQueue"
        && let Some(tags) = body.remove("Tags")
    {
        body.insert("tags".to_owned(), tags);
    }
    Some(Query { action, body: Value::Object(body) })
}

/// Makes an object of fields such as `Attribute.1.Name`.
fn object(fields: &[(String, String)]) -> Map<String, Value> {
    let mut object = Map::new();
    let mut groups: Vec<(&str, &str, Fields)> = Vec::new();
    for (name, value) in fields {
        let Some((list, rest)) = name.split_once('.') else {
            let number = NUMBERS.contains(&name.as_str()).then(|| value.parse::<i64>().ok()).flatten();
            object.insert(name.clone(), number.map_or_else(|| json!(value), |number| json!(number)));
            continue;
        };
        let (index, rest) = rest.split_once('.').unwrap_or((rest, ""));
        match groups.last_mut() {
            Some((last, at, fields)) if *last == list && *at == index => {
                fields.push((rest.to_owned(), value.clone()))
            }
            _ => groups.push((list, index, vec![(rest.to_owned(), value.clone())])),
        }
    }
    for (list, _, fields) in groups {
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let single = || json!(fields.first().map(|(_, value)| value));
        let mut map = |into: &str, key: Option<String>, value: Value| {
            if let (Some(key), Value::Object(map)) = (key, object.entry(into).or_insert_with(|| json!({}))) {
                map.insert(key, value);
            }
        };
        match list {
            "Attribute" => map("Attributes", field("Name"), json!(field("Value"))),
            "Tag" => map("Tags", field("Key"), json!(field("Value"))),
            "MessageAttribute" => {
                let value: Map<String, Value> = fields
                    .iter()
                    .filter_map(|(key, value)| Some((key.strip_prefix("Value.")?.to_owned(), json!(value))))
                    .collect();
                map("MessageAttributes", field("Name"), Value::Object(value));
            }
            _ => {
                let (into, item) = match list {
                    "AttributeName" => ("AttributeNames", single()),
                    "MessageAttributeName" => ("MessageAttributeNames", single()),
                    "MessageSystemAttributeName" => ("MessageSystemAttributeNames", single()),
                    "TagKey" => ("TagKeys", single()),
                    "ActionName" => ("Actions", single()),
                    "AWSAccountId" => ("AWSAccountIds", single()),
                    _ => ("Entries", Value::Object(self::object(&fields))),
                };
                if let Value::Array(list) = object.entry(into).or_insert_with(|| json!([])) {
                    list.push(item);
                }
            }
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let table = [
            (
                "Action=SendMessage&QueueUrl=http%3A%2F%2Fx%2F0%2Fq&MessageBody=a%20b&DelaySeconds=5&MessageAttribute.1.Name=k&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v",
                "SendMessage",
                json!({"QueueUrl": "http://x/0/q", "MessageBody": "a b", "DelaySeconds": 5, "MessageAttributes": {"k": {"DataType": "String", "StringValue": "v"}}}),
            ),
            (
                "Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=3&Tag.1.Key=a&Tag.1.Value=b",
                "CreateQueue",
                json!({"QueueName": "q", "QueueUrl": "/0/p", "Attributes": {"DelaySeconds": "3"}, "tags": {"a": "b"}}),
            ),
            (
                "Action=DeleteMessageBatch&DeleteMessageBatchRequestEntry.2.Id=b&DeleteMessageBatchRequestEntry.10.Id=c&DeleteMessageBatchRequestEntry.1.Id=a&DeleteMessageBatchRequestEntry.1.ReceiptHandle=h",
                "DeleteMessageBatch",
                json!({"QueueUrl": "/0/p", "Entries": [{"Id": "a", "ReceiptHandle": "h"}, {"Id": "b"}, {"Id": "c"}]}),
            ),
            (
                "Action=GetQueueAttributes&AttributeName.1=All",
                "GetQueueAttributes",
                json!({"QueueUrl": "/0/p", "AttributeNames": ["All"]}),
            ),
        ];
        for (form, action, expected) in table {
            let query = read("/0/p", form).unwrap();
            assert_eq!(query.action, action);
            let Value::Object(mut body) = query.body else { panic!("{form}") };
            body.retain(|name, _| name != "Action");
            assert_eq!(Value::Object(body), expected, "{form}");
        }
        assert!(read("/", "a=b").is_none());
    }
}
