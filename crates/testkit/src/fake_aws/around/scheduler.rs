//! EventBridge Scheduler. Schedules do not fire.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use super::state::Schedule;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::time::seconds;
use crate::fake_aws::world::World;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "ListSchedules" => Ok(list(world, call)),
        "GetSchedule" => get(world, call),
        "UpdateSchedule" => update(world, call),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

fn group(schedule: &Schedule) -> String {
    schedule.properties["GroupName"].as_str().unwrap_or("default").to_owned()
}

fn arn(world: &World, name: &str, schedule: &Schedule) -> String {
    world.arn("scheduler", &format!("schedule/{}/{name}", group(schedule)))
}

fn list(world: &World, call: &Call) -> Json {
    let (prefix, state, wanted) = (call.text("NamePrefix"), call.text("State"), call.text("GroupName"));
    let state_of =
        |schedule: &Schedule| schedule.properties["State"].as_str().unwrap_or("ENABLED").to_owned();
    let all: Vec<Json> = world
        .around
        .schedules
        .iter()
        .filter(|(name, _)| prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix)))
        .filter(|(_, schedule)| state.as_ref().is_none_or(|state| *state == state_of(schedule)))
        .filter(|(_, schedule)| wanted.as_ref().is_none_or(|wanted| *wanted == group(schedule)))
        .map(|(name, schedule)| {
            json!({
                "Arn": arn(world, name, schedule),
                "Name": name,
                "GroupName": group(schedule),
                "State": state_of(schedule),
                "CreationDate": seconds(schedule.created_at),
                "LastModificationDate": seconds(schedule.changed_at),
                "Target": {"Arn": schedule.properties["Target"]["Arn"].as_str().unwrap_or_default()},
            })
        })
        .collect();
    let (page, next) = world.page(&all, call.text("NextToken").as_deref());
    let mut answer = json!({"Schedules": page});
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    answer
}

fn missing(name: &str) -> Failure {
    Failure::new("ResourceNotFoundException", format!("Schedule {name} does not exist.")).status(404)
}

fn get(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("Name").unwrap_or_default();
    let schedule = world.around.schedules.get(&name).ok_or_else(|| missing(&name))?;
    let mut shown = Map::new();
    if let Some(properties) = schedule.properties.as_object() {
        shown.extend(properties.clone());
    }
    shown.insert("Arn".to_owned(), arn(world, &name, schedule).into());
    shown.insert("Name".to_owned(), name.into());
    shown.insert("GroupName".to_owned(), group(schedule).into());
    shown.entry("State").or_insert_with(|| "ENABLED".into());
    shown.entry("ScheduleExpressionTimezone").or_insert_with(|| "UTC".into());
    if let Some(network) = shown
        .get_mut("Target")
        .and_then(|target| target.pointer_mut("/EcsParameters/NetworkConfiguration"))
        .and_then(Json::as_object_mut)
        // A template writes this one name with a capital letter, the API without.
        && let Some(inner) = network.shift_remove("AwsvpcConfiguration")
    {
        network.insert("awsvpcConfiguration".to_owned(), inner);
    }
    shown.insert("CreationDate".to_owned(), seconds(schedule.created_at));
    shown.insert("LastModificationDate".to_owned(), seconds(schedule.changed_at));
    Ok(Json::Object(shown))
}

/// Replaces all of it: what is not given is gone, as with the service itself.
fn update(world: &mut World, call: &Call) -> Result<Json, Failure> {
    let name = call.text("Name").unwrap_or_default();
    if !world.around.schedules.contains_key(&name) {
        return Err(missing(&name));
    }
    for needed in ["ScheduleExpression", "FlexibleTimeWindow", "Target"] {
        if call.parameters.get(needed).is_none() {
            return Err(Failure::new("ValidationException", format!("{needed} must be given")));
        }
    }
    let mut properties = call.parameters.clone();
    if let Json::Object(map) = &mut properties {
        map.shift_remove("Name");
        map.shift_remove("ClientToken");
    }
    world.around.put_schedule(&name, &properties, world.now);
    let arn = world.around.schedules.get(&name).map(|schedule| arn(world, &name, schedule));
    Ok(json!({"ScheduleArn": arn}))
}
