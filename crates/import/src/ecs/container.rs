//! A container definition to a Compose service.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::task_definition::is_empty;
use crate::Left;

/// A container definition in its task.
pub(super) struct Container<'a> {
    pub(super) name: &'a str,
    pub(super) task: &'a Value,
    pub(super) definition: &'a Value,
    /// The container whose network this one shares; `None` for that one itself.
    pub(super) main: Option<&'a str>,
}

impl Container<'_> {
    /// Returns the Compose service; adds top-level secrets and what was left out.
    pub(super) fn service(&self, secrets: &mut Map<String, Value>, left: &mut Vec<Left>) -> Value {
        let mut service = Map::new();
        for (key, value) in self.definition.as_object().into_iter().flatten() {
            if is_empty(value) {
                continue;
            }
            match key.as_str() {
                "name" => {}
                "image" | "command" => set(&mut service, key, value.clone()),
                "entryPoint" => set(&mut service, "entrypoint", value.clone()),
                "workingDirectory" => set(&mut service, "working_dir", value.clone()),
                "user" | "privileged" | "hostname" => set(&mut service, key, value.clone()),
                "readonlyRootFilesystem" => set(&mut service, "read_only", value.clone()),
                "stopTimeout" => set(&mut service, "stop_grace_period", json!(format!("{value}s"))),
                "environment" => set(&mut service, key, environment(value)),
                "dockerLabels" => set(&mut service, "labels", value.clone()),
                "portMappings" => self.ports(value, &mut service, left),
                "healthCheck" => set(&mut service, "healthcheck", health_check(value)),
                // The others already wait for the one whose network they share: a circle in Compose.
                "dependsOn" if self.main.is_none() => {
                    self.leave(left, key, "the others share its network, so it starts first");
                }
                "dependsOn" => set(&mut service, "depends_on", depends_on(value)),
                "secrets" => self.secrets(value, &mut service, secrets, left),
                "mountPoints" => set(&mut service, "volumes", mount_points(value)),
                "ulimits" => set(&mut service, key, ulimits(value)),
                // Read together below.
                "cpu" | "memory" | "memoryReservation" => {}
                // A container that may end without the task is said by the shape of the services.
                "essential" if value == &json!(true) => {}
                "essential" => self.leave(left, key, "it becomes essential: its task ends when it ends"),
                "logConfiguration" => self.leave(left, key, "every workload gets a log group of its own"),
                "linuxParameters" => self.linux_parameters(value, &mut service, left),
                _ => self.leave(left, key, "Compose has no key for it"),
            }
        }
        let resources = self.resources();
        if !is_empty(&resources) {
            set(&mut service, "deploy", json!({"resources": resources}));
        }
        if let Some(platform) = self.platform() {
            set(&mut service, "platform", json!(platform));
        }
        if let Some(main) = self.main {
            set(&mut service, "network_mode", json!(format!("service:{main}")));
        }
        Value::Object(service)
    }

    fn leave(&self, left: &mut Vec<Left>, key: &str, reason: &str) {
        let path = format!("containerDefinitions[{}].{key}", self.name);
        left.push(Left { path, reason: reason.to_owned() });
    }

    /// Only the container that owns the network can publish. A port is exposed, not published:
    /// whether the service was behind a load balancer is not said in a task definition.
    fn ports(&self, value: &Value, service: &mut Map<String, Value>, left: &mut Vec<Left>) {
        let mut exposed = Vec::new();
        for (index, mapping) in value.as_array().into_iter().flatten().enumerate() {
            let Some(port) = mapping.get("containerPort").and_then(Value::as_u64) else {
                self.leave(left, &format!("portMappings[{index}]"), "port ranges cannot be carried over");
                continue;
            };
            exposed.push(match mapping.get("protocol").and_then(Value::as_str) {
                Some("udp") => json!(format!("{port}/udp")),
                _ => json!(port.to_string()),
            });
        }
        if self.main.is_some() && !exposed.is_empty() {
            let reason = "the ports belong to the service whose network it shares; expose them there";
            self.leave(left, "portMappings", reason);
            return;
        }
        if !exposed.is_empty() {
            set(service, "expose", Value::Array(exposed));
            let reason = "exposed inside only; write `ports: [\"80:PORT\"]` to publish one";
            self.leave(left, "portMappings", reason);
        }
    }

    fn secrets(
        &self,
        value: &Value,
        service: &mut Map<String, Value>,
        all: &mut Map<String, Value>,
        left: &mut Vec<Left>,
    ) {
        let mut used = Vec::new();
        for (variable, source) in entries(value, "name", "valueFrom") {
            // Two containers may know different secrets by one name.
            let mut name = variable.to_ascii_lowercase();
            let (store, reason) = source_of(source);
            if let Some(reason) = reason {
                self.leave(left, &format!("secrets[{variable}]"), reason);
            }
            let definition = json!({"external": true, "x-secrets": store});
            if all.get(&name).is_some_and(|other| *other != definition) {
                name = format!("{}_{name}", self.name);
            }
            all.insert(name.clone(), definition);
            used.push(json!({"source": name, "target": variable}));
        }
        set(service, "secrets", Value::Array(used));
    }

    fn resources(&self) -> Value {
        let only = self.task.get("containerDefinitions").and_then(Value::as_array).map(Vec::len) == Some(1);
        let own = |key: &str| self.definition.get(key).and_then(number).filter(|units| *units > 0);
        // In a task of one container the task's size is the container's.
        let of_task = |key: &str| only.then(|| self.task.get(key).and_then(number)).flatten();
        let mut resources = Map::new();
        let mut limits = Map::new();
        if let Some(units) = own("cpu").or(of_task("cpu")) {
            limits.insert("cpus".to_owned(), json!(cpus(units)));
        }
        if let Some(mebibytes) = own("memory").or(of_task("memory")) {
            limits.insert("memory".to_owned(), json!(format!("{mebibytes}M")));
        }
        resources.insert("limits".to_owned(), Value::Object(limits));
        if let Some(mebibytes) = own("memoryReservation") {
            resources.insert("reservations".to_owned(), json!({"memory": format!("{mebibytes}M")}));
        }
        resources.retain(|_, value| !is_empty(value));
        Value::Object(resources)
    }

    fn platform(&self) -> Option<&'static str> {
        match self.task.get("runtimePlatform")?.get("cpuArchitecture")?.as_str()? {
            "ARM64" => Some("linux/arm64"),
            "X86_64" => Some("linux/amd64"),
            _ => None,
        }
    }

    fn linux_parameters(&self, value: &Value, service: &mut Map<String, Value>, left: &mut Vec<Left>) {
        for (key, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !is_empty(value)) {
            match key.as_str() {
                "initProcessEnabled" => set(service, "init", value.clone()),
                "sharedMemorySize" => set(service, "shm_size", json!(format!("{value}M"))),
                "capabilities" => {
                    for (key, to) in [("add", "cap_add"), ("drop", "cap_drop")] {
                        if let Some(names) = value.get(key).filter(|names| !is_empty(names)) {
                            set(service, to, names.clone());
                        }
                    }
                }
                _ => self.leave(left, &format!("linuxParameters.{key}"), "Compose has no key for it"),
            }
        }
    }
}

fn set(service: &mut Map<String, Value>, key: &str, value: Value) {
    service.insert(key.to_owned(), value);
}

/// `[{name, value}, …]` as pairs.
fn entries<'a>(
    list: &'a Value,
    key: &'static str,
    value: &'static str,
) -> impl Iterator<Item = (String, &'a str)> {
    list.as_array().into_iter().flatten().filter_map(move |entry| {
        Some((entry.get(key)?.as_str()?.to_owned(), entry.get(value).and_then(Value::as_str).unwrap_or("")))
    })
}

fn environment(value: &Value) -> Value {
    entries(value, "name", "value").map(|(name, value)| (name, json!(value))).collect()
}

/// A number, also one that is written as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// 1,024 units are one CPU.
fn cpus(units: u64) -> String {
    let thousandths = units * 1000 / 1024;
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn health_check(value: &Value) -> Value {
    let mut check = Map::new();
    for (key, to) in [("interval", "interval"), ("timeout", "timeout"), ("startPeriod", "start_period")] {
        if let Some(seconds) = value.get(key).and_then(Value::as_u64) {
            check.insert(to.to_owned(), json!(format!("{seconds}s")));
        }
    }
    for (key, to) in [("command", "test"), ("retries", "retries")] {
        if let Some(value) = value.get(key) {
            check.insert(to.to_owned(), value.clone());
        }
    }
    Value::Object(check)
}

fn depends_on(value: &Value) -> Value {
    entries(value, "containerName", "condition")
        .map(|(name, condition)| {
            let condition = match condition {
                "HEALTHY" => "service_healthy",
                "COMPLETE" | "SUCCESS" => "service_completed_successfully",
                _ => "service_started",
            };
            (name, json!({"condition": condition}))
        })
        .collect()
}

fn mount_points(value: &Value) -> Value {
    let mounts = value.as_array().into_iter().flatten().filter_map(|mount| {
        let source = mount.get("sourceVolume")?.as_str()?;
        let target = mount.get("containerPath")?.as_str()?;
        let read_only = mount.get("readOnly").and_then(Value::as_bool) == Some(true);
        Some(json!(format!("{source}:{target}{}", if read_only { ":ro" } else { "" })))
    });
    mounts.collect()
}

fn ulimits(value: &Value) -> Value {
    let limits = value.as_array().into_iter().flatten().filter_map(|limit| {
        let name = limit.get("name")?.as_str()?.to_owned();
        Some((name, json!({"soft": limit.get("softLimit")?, "hard": limit.get("hardLimit")?})))
    });
    limits.collect()
}

/// Where a secret is kept, and what of the reference has no place: an SSM parameter by name or ARN,
/// or the ARN of a Secrets Manager secret with an optional JSON key, version stage and version id
/// (ECS developer guide, "Pass Secrets Manager secrets through environment variables").
fn source_of(source: &str) -> (Value, Option<&'static str>) {
    let parts: Vec<&str> = source.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "secretsmanager", _, _, "secret", name, rest @ ..] => {
            let reason = rest.iter().any(|part| !part.is_empty()).then_some(
                "the whole secret is passed: keys, stages and versions of a secret cannot be chosen yet",
            );
            (json!({"name": without_suffix(name)}), reason)
        }
        ["arn", _, "ssm", _, _, resource] => {
            (json!({"parameter": rooted(resource.strip_prefix("parameter").unwrap_or(resource))}), None)
        }
        _ => (json!({"parameter": rooted(source)}), None),
    }
}

/// Secrets Manager ends an ARN with a hyphen and six random characters.
fn without_suffix(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, suffix))
            if suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            name
        }
        _ => name,
    }
}

fn rooted(parameter: &str) -> String {
    format!("/{}", parameter.trim_start_matches('/'))
}
