//! The Query protocol's parameters: `Parameters.member.1.ParameterKey=…` to JSON.

use serde_json::Map;
use serde_json::Value as Json;

/// Decodes `a=b&c=d`, percent signs and plus signs included.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), decode(value, true))
        })
        .collect()
}

/// Decodes percent signs, and plus signs where they stand for spaces.
pub(crate) fn decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' if plus => bytes.push(b' '),
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let code = std::str::from_utf8(&digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.push(code.unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the parameters as an object; `Action` and `Version` are left out.
pub(super) fn parameters(pairs: &[(String, String)]) -> Json {
    let mut root = Map::new();
    for (name, value) in pairs {
        if name == "Action" || name == "Version" {
            continue;
        }
        let path: Vec<&str> = name.split('.').collect();
        insert(&mut root, &path, value);
    }
    lists(Json::Object(root))
}

fn insert(map: &mut Map<String, Json>, path: &[&str], value: &str) {
    match path {
        [] => {}
        [last] => {
            map.insert((*last).to_owned(), Json::String(value.to_owned()));
        }
        [first, rest @ ..] => {
            let entry = map.entry((*first).to_owned()).or_insert_with(|| Json::Object(Map::new()));
            // A name that is both a value and a prefix: the structure wins.
            if !entry.is_object() {
                *entry = Json::Object(Map::new());
            }
            if let Json::Object(inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

/// Turns `{"member": {"1": …, "2": …}}` into lists.
fn lists(value: Json) -> Json {
    let Json::Object(map) = value else { return value };
    if let [(name, Json::Object(items))] = map.iter().collect::<Vec<_>>().as_slice()
        && *name == "member"
    {
        let mut numbered: Vec<(u64, Json)> = items
            .iter()
            .filter_map(|(index, item)| Some((index.parse().ok()?, lists(item.clone()))))
            .collect();
        numbered.sort_by_key(|(index, _)| *index);
        return Json::Array(numbered.into_iter().map(|(_, item)| item).collect());
    }
    Json::Object(map.into_iter().map(|(name, item)| (name, lists(item))).collect())
}

#[cfg(test)]
mod tests {
    use super::pairs;
    use super::parameters;

    #[test]
    fn lists_and_structures() {
        let text = "Action=CreateChangeSet&Version=2010-05-15&StackName=a%20b&Tags.member.1.Key=x\
                    &Tags.member.1.Value=1%2B1&Tags.member.2.Key=y&Capabilities.member.1=C+D&Filters.FailedEvents=true";
        let json = parameters(&pairs(text));
        let wanted = serde_json::json!({
            "StackName": "a b",
            "Tags": [{"Key": "x", "Value": "1+1"}, {"Key": "y"}],
            "Capabilities": ["C D"],
            "Filters": {"FailedEvents": "true"},
        });
        assert_eq!(json, wanted);
    }
}
