//! Secrets Manager.

use serde_json::Value as Json;
use serde_json::json;

use super::state::Secret;
use super::state::version_id;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::time::seconds;
use crate::fake_aws::world::World;

/// Between a deletion and the end: 30 days unless told otherwise.
const WINDOW_MS: u64 = 30 * 24 * 3_600_000;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "CreateSecret" => create(world, call),
        "PutSecretValue" => put(world, call),
        "DescribeSecret" => describe(world, call),
        "DeleteSecret" => delete(world, call),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

fn find(world: &World, call: &Call) -> Result<String, Failure> {
    let id = call.text("SecretId").unwrap_or_default();
    let missing =
        || Failure::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    let fits = |(name, secret): &(&String, &Secret)| **name == id || secret.arn == id;
    world.around.secrets.iter().find(fits).map(|(name, _)| name.clone()).ok_or_else(missing)
}

fn create(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("Name").unwrap_or_default();
    let token = call.text("ClientRequestToken");
    if let Some(known) = world.around.secrets.get(&name) {
        // The same token is the same call once more.
        let version = known.versions.first().map(|(id, _)| id.clone());
        if token.is_some() && token == version {
            return Ok(json!({"ARN": known.arn, "Name": name, "VersionId": version}));
        }
        let (code, message) = if known.deleted_at.is_some() {
            let text = "You can't create this secret because a secret with this name is already scheduled for \
                        deletion.";
            ("InvalidRequestException", text.to_owned())
        } else {
            (
                "ResourceExistsException",
                format!("The operation failed because the secret {name} already exists."),
            )
        };
        return Err(Failure::new(code, message));
    }
    let hex = world.hex(32);
    let arn = world.arn("secretsmanager", &format!("secret:{name}-{}", &hex[..6]));
    let value = call.text("SecretString").or_else(|| call.text("SecretBinary"));
    let with_value = value.is_some();
    world.around.insert_secret(&name, &arn, value, world.now, &hex);
    let version = token.unwrap_or_else(|| version_id(&hex));
    if let Some((id, _)) = world.around.secrets.get_mut(&name).and_then(|secret| secret.versions.first_mut())
    {
        id.clone_from(&version);
    }
    let mut answer = json!({"ARN": arn, "Name": name});
    if with_value {
        answer["VersionId"] = version.into();
    }
    Ok(answer)
}

fn put(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = find(world, call)?;
    let hex = world.hex(32);
    let version = call.text("ClientRequestToken").unwrap_or_else(|| version_id(&hex));
    let now = world.now;
    let value = call.text("SecretString").or_else(|| call.text("SecretBinary"));
    let Some(value) = value else {
        let message = "You must provide either SecretString or SecretBinary.";
        return Err(Failure::new("InvalidParameterException", message));
    };
    let missing =
        || Failure::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    let secret = world.around.secrets.get_mut(&name).ok_or_else(missing)?;
    if secret.deleted_at.is_some() {
        let message = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(Failure::new("InvalidRequestException", message));
    }
    match secret.versions.iter().find(|(id, _)| *id == version) {
        Some((_, known)) if *known != value => {
            let message = "You can't use ClientRequestToken because that value is already in use.";
            return Err(Failure::new("ResourceExistsException", message));
        }
        Some(_) => {}
        None => {
            secret.versions.insert(0, (version.clone(), value));
            secret.changed_at = now;
        }
    }
    Ok(json!({"ARN": secret.arn, "Name": name, "VersionId": version, "VersionStages": ["AWSCURRENT"]}))
}

fn describe(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = find(world, call)?;
    let secret = &world.around.secrets[&name];
    let mut stages = serde_json::Map::new();
    for ((id, _), stage) in secret.versions.iter().zip(["AWSCURRENT", "AWSPREVIOUS"]) {
        stages.insert(id.clone(), json!([stage]));
    }
    let mut answer = json!({
        "ARN": secret.arn,
        "Name": name,
        "RotationEnabled": false,
        "LastChangedDate": seconds(secret.changed_at),
        "CreatedDate": seconds(secret.created_at),
        "Tags": [],
    });
    // A secret without a value has no versions at all.
    if !stages.is_empty() {
        answer["VersionIdsToStages"] = Json::Object(stages);
    }
    if let Some(at) = secret.deleted_at {
        answer["DeletedDate"] = seconds(at);
    }
    Ok(answer)
}

fn delete(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = find(world, call)?;
    let now = world.now;
    let force = call.flag("ForceDeleteWithoutRecovery");
    let arn = world.around.secrets[&name].arn.clone();
    if force {
        world.around.secrets.shift_remove(&name);
    } else if let Some(secret) = world.around.secrets.get_mut(&name) {
        secret.deleted_at = Some(now);
    }
    let at = if force { now } else { now + WINDOW_MS };
    Ok(json!({"ARN": arn, "Name": name, "DeletionDate": seconds(at)}))
}
