//! SSM's parameter store.

use serde_json::Value as Json;
use serde_json::json;

use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::time::seconds;
use crate::fake_aws::world::World;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "PutParameter" => put(world, call),
        "GetParameters" => Ok(get(world, call)),
        "DeleteParameter" => delete(world, call),
        "DescribeParameters" => Ok(describe(world, call)),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

fn put(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("Name").unwrap_or_default();
    let known = world.around.parameters.get(&name).map(|found| found.kind.clone());
    if known.is_some() && !call.flag("Overwrite") {
        let message = "The parameter already exists. To overwrite this value, set the overwrite option in the \
                       request to true.";
        return Err(Failure::new("ParameterAlreadyExists", message));
    }
    let kind = call.text("Type").or(known).unwrap_or_else(|| "String".to_owned());
    let Some(value) = call.text("Value") else {
        return Err(Failure::new("ValidationException", "Parameter value can't be empty."));
    };
    let version = world.around.put_parameter(&name, &kind, &value, world.now);
    Ok(json!({"Version": version, "Tier": "Standard"}))
}

fn arn(world: &World, name: &str) -> String {
    world.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/')))
}

fn get(world: &World, call: &Call) -> Json {
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in call.texts("Names") {
        let Some(parameter) = world.around.parameters.get(&name) else {
            invalid.push(name);
            continue;
        };
        let hidden = parameter.kind == "SecureString" && !call.flag("WithDecryption");
        found.push(json!({
            "Name": name,
            "Type": parameter.kind,
            "Value": if hidden { "AQICAHencrypted" } else { &parameter.value },
            "Version": parameter.version,
            "LastModifiedDate": seconds(parameter.changed_at),
            "ARN": arn(world, &name),
            "DataType": "text",
        }));
    }
    json!({"Parameters": found, "InvalidParameters": invalid})
}

fn delete(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("Name").unwrap_or_default();
    let found = world.around.parameters.shift_remove(&name);
    found
        .map(|_| json!({}))
        .ok_or_else(|| Failure::new("ParameterNotFound", format!("Parameter {name} not found.")))
}

fn describe(world: &World, call: &Call) -> Json {
    let filters = call.list("ParameterFilters");
    let fits = |name: &str, kind: &str| {
        filters.iter().all(|filter| {
            let values = filter["Values"].as_array().cloned().unwrap_or_default();
            let mut values = values.iter().filter_map(Json::as_str);
            let subject = if filter["Key"].as_str() == Some("Type") { kind } else { name };
            match (filter["Key"].as_str(), filter["Option"].as_str()) {
                // The hierarchy below a path, itself not included.
                (Some("Path"), _) => {
                    values.any(|value| name.starts_with(&format!("{}/", value.trim_end_matches('/'))))
                }
                (_, Some("BeginsWith")) => values.any(|value| subject.starts_with(value)),
                (_, Some("Contains")) => values.any(|value| subject.contains(value)),
                _ => values.any(|value| subject == value),
            }
        })
    };
    let all: Vec<Json> = world
        .around
        .parameters
        .iter()
        .filter(|(name, parameter)| fits(name, &parameter.kind))
        .map(|(name, parameter)| {
            json!({
                "Name": name,
                "ARN": arn(world, name),
                "Type": parameter.kind,
                "LastModifiedDate": seconds(parameter.changed_at),
                "LastModifiedUser": world.arn("iam", "user/tester"),
                "Version": parameter.version,
                "Tier": "Standard",
                "Policies": [],
                "DataType": "text",
            })
        })
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    let mut answer = json!({"Parameters": page});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    answer
}
