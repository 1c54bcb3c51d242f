//! A hash of what a container of a service is made from.

use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::Project;
use crate::normalised;

/// Keys that change how many containers there are, when they start or where the image comes from,
/// but not what a container is.
const APART: [&str; 4] = ["build", "depends_on", "profiles", "pull_policy"];

/// Returns a SHA-256 in hex for each service: the same as long as its containers would be the same.
/// As in `docker compose config --hash`, the number of replicas does not count.
pub fn hashes(project: &Project) -> Vec<(String, String)> {
    let services = normalised(project).services;
    services
        .iter()
        .map(|(name, service)| {
            let mut value = serde_json::to_value(service).unwrap_or(Value::Null);
            if let Value::Object(map) = &mut value {
                map.retain(|key, _| !APART.contains(&key.as_str()));
                if let Some(Value::Object(deploy)) = map.get_mut("deploy") {
                    deploy.shift_remove("replicas");
                    if deploy.is_empty() {
                        map.shift_remove("deploy");
                    }
                }
                map.sort_keys();
            }
            (name.clone(), hex(&Sha256::digest(value.to_string().as_bytes())))
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
