//! STS: who is calling, and roles of other accounts.

use serde_json::Value as Json;
use serde_json::json;

use super::state::Session;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::world::World;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "GetCallerIdentity" => Ok(caller(world, call)),
        "AssumeRole" => assume(world, call),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

fn caller(world: &World, call: &Call) -> Json {
    let session = call.access_key.as_ref().and_then(|key| world.around.sessions.get(key));
    let account = world.account_of(call.access_key.as_deref());
    let arn =
        session.map_or_else(|| format!("arn:aws:iam::{account}:user/tester"), |found| found.arn.clone());
    json!({"UserId": "AIDAFAKE000000000000", "Account": account, "Arn": arn})
}

/// The role's account is the account of the credentials from then on; all accounts share one world.
fn assume(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let role = call.text("RoleArn").unwrap_or_default();
    let name = call.text("RoleSessionName").unwrap_or_default();
    let mut parts = role.split(':').skip(4);
    let (account, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(role_name) = path.strip_prefix("role/").filter(|_| account.len() == 12) else {
        return Err(Failure::validation(format!("{role} is invalid")));
    };
    let hex = world.hex(16).to_uppercase();
    let key = format!("ASIA{hex}");
    let role_name = role_name.rsplit('/').next().unwrap_or(role_name);
    let arn = format!("arn:aws:sts::{account}:assumed-role/{role_name}/{name}");
    let session = Session { account: account.to_owned(), arn: arn.clone() };
    world.around.sessions.insert(key.clone(), session);
    // By the real clock, for a client compares it with that.
    let expiration = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    Ok(json!({
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": "fake",
            "SessionToken": format!("session-{hex}"),
            "Expiration": expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
        "AssumedRoleUser": {"AssumedRoleId": format!("AROAFAKE00000000000:{name}"), "Arn": arn},
        "PackedPolicySize": 0,
    }))
}
