//! From a method's name to the method.

use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::host::Host;

/// Calls a method with JSON arguments. `exec` is not one of them: it needs the connection.
pub(super) async fn dispatch(host: &dyn Host, method: &str, params: Value) -> Result<Value> {
    let p = Arguments { method, params };
    match method {
        "ping" => reply(method, &host.ping()),
        "local_status" => reply(method, &host.local_status().await?),
        "local_down" => reply(method, &host.local_down().await?),
        "shutdown" => {
            host.shutdown();
            Ok(Value::Null)
        }
        "identity" => reply(method, &host.identity().await?),
        "describe_stack" => {
            let (name,): (String,) = p.read()?;
            reply(method, &host.describe_stack(&name).await?)
        }
        "list_stacks" => {
            let (tags,) = p.read()?;
            reply(method, &host.list_stacks(&tags).await?)
        }
        "stack_template" => {
            let (name,): (String,) = p.read()?;
            reply(method, &host.stack_template(&name).await?)
        }
        "stack_resources" => {
            let (name,): (String,) = p.read()?;
            reply(method, &host.stack_resources(&name).await?)
        }
        "stack_events" => {
            let (name, after): (String, u64) = p.read()?;
            reply(method, &host.stack_events(&name, after).await?)
        }
        "put_stack" => {
            let (input,) = p.read()?;
            reply(method, &host.put_stack(&input).await?)
        }
        "delete_stack" => {
            let (name,): (String,) = p.read()?;
            reply(method, &host.delete_stack(&name).await?)
        }
        "cancel_update" => {
            let (name,): (String,) = p.read()?;
            reply(method, &host.cancel_update(&name).await?)
        }
        "describe_service" => {
            let (service,) = p.read()?;
            reply(method, &host.describe_service(&service).await?)
        }
        "stop_deployment" => {
            let (service, stop, reason): (_, _, String) = p.read()?;
            reply(method, &host.stop_deployment(&service, stop, &reason).await?)
        }
        "update_service" => {
            let (service, update) = p.read()?;
            reply(method, &host.update_service(&service, &update).await?)
        }
        "run_task" => {
            let (run,) = p.read()?;
            reply(method, &host.run_task(&run).await?)
        }
        "describe_task" => {
            let (cluster, id): (String, String) = p.read()?;
            reply(method, &host.describe_task(&cluster, &id).await?)
        }
        "list_tasks" => {
            let (filter,) = p.read()?;
            reply(method, &host.list_tasks(&filter).await?)
        }
        "stop_task" => {
            let (cluster, id, reason): (String, String, String) = p.read()?;
            reply(method, &host.stop_task(&cluster, &id, &reason).await?)
        }
        "list_schedules" => {
            let (tags,) = p.read()?;
            reply(method, &host.list_schedules(&tags).await?)
        }
        "enable_schedule" => {
            let (name, enabled): (String, bool) = p.read()?;
            reply(method, &host.enable_schedule(&name, enabled).await?)
        }
        "logs" => {
            let (query,) = p.read()?;
            reply(method, &host.logs(&query).await?)
        }
        "put_secrets" => {
            let (secrets,): (Vec<_>,) = p.read()?;
            reply(method, &host.put_secrets(&secrets).await?)
        }
        "missing_secrets" => {
            let (names,): (Vec<String>,) = p.read()?;
            reply(method, &host.missing_secrets(&names).await?)
        }
        "acquire_lock" => {
            let (app, env, owner): (String, String, _) = p.read()?;
            reply(method, &host.acquire_lock(&app, &env, &owner).await?)
        }
        "release_lock" => {
            let (app, env, owner): (String, String, _) = p.read()?;
            reply(method, &host.release_lock(&app, &env, &owner).await?)
        }
        "put_release" => {
            let (record,) = p.read()?;
            reply(method, &host.put_release(&record).await?)
        }
        "release" => {
            let (app, env, number): (String, String, u64) = p.read()?;
            reply(method, &host.release(&app, &env, number).await?)
        }
        "releases" => {
            let (app, env): (String, String) = p.read()?;
            reply(method, &host.releases(&app, &env).await?)
        }
        other => Err(CloudError::new(
            ErrorKind::Validation,
            format!("call {other}"),
            "the background process does not know this operation",
        )),
    }
}

struct Arguments<'a> {
    method: &'a str,
    params: Value,
}

impl Arguments<'_> {
    fn read<T: DeserializeOwned>(self) -> Result<T> {
        // The error is told without the arguments: they may hold secrets.
        serde_json::from_value(self.params).map_err(|_| {
            CloudError::new(
                ErrorKind::Validation,
                format!("call {}", self.method),
                "the arguments are not what the background process expects",
            )
        })
    }
}

fn reply<T: Serialize>(method: &str, answer: &T) -> Result<Value> {
    serde_json::to_value(answer).map_err(|error| {
        CloudError::new(
            ErrorKind::Internal,
            format!("call {method}"),
            format!("the answer is no JSON: {error}"),
        )
    })
}
