//! What the services around know.

use indexmap::IndexMap;
use indexmap::IndexSet;
use serde_json::Value as Json;

use super::ecr::digest_of;
use crate::fake_aws::scenario::Image;
use crate::fake_aws::scenario::Scenario;
use crate::fake_aws::server::query;

/// What the services around know.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// By ARN.
    pub(crate) target_groups: IndexMap<String, TargetGroup>,
    /// Group → stream → lines.
    pub(crate) log_groups: IndexMap<String, IndexMap<String, Vec<Line>>>,
    pub(crate) parameters: IndexMap<String, Parameter>,
    pub(crate) secrets: IndexMap<String, Secret>,
    /// Bucket → key → object; keys sorted.
    pub(crate) buckets: IndexMap<String, std::collections::BTreeMap<String, Object>>,
    pub(crate) repositories: IndexSet<String>,
    pub(crate) images: Vec<Image>,
    pub(crate) schedules: IndexMap<String, Schedule>,
    /// Credentials that `AssumeRole` gave out, by access key.
    pub(crate) sessions: IndexMap<String, Session>,
    lines: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) properties: Json,
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Counts up over all lines.
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) version: u64,
    pub(crate) changed_at: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) arn: String,
    /// Version id and value; the newest first.
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) created_at: u64,
    pub(crate) changed_at: u64,
    pub(crate) deleted_at: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) body: Vec<u8>,
    pub(crate) etag: String,
    pub(crate) content_type: String,
    pub(crate) metadata: IndexMap<String, String>,
    pub(crate) changed_at: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// As in the template or the API: both have the same names.
    pub(crate) properties: Json,
    pub(crate) created_at: u64,
    pub(crate) changed_at: u64,
}

/// Credentials of an assumed role.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) account: String,
    pub(crate) arn: String,
}

impl Around {
    pub(crate) fn new(scenario: &Scenario) -> Around {
        let mut around = Around::default();
        for (name, value) in &scenario.parameters {
            around.put_parameter(name, "SecureString", value, 0);
        }
        for (name, value) in &scenario.secrets {
            let Scenario { region, account, .. } = scenario;
            let arn = format!("arn:aws:secretsmanager:{region}:{account}:secret:{name}-fake00");
            let id = digest_of(name);
            around.insert_secret(name, &arn, Some(value.clone()), 0, &id[7..39]);
        }
        for bucket in &scenario.buckets {
            around.buckets.entry(bucket.clone()).or_default();
        }
        for image in &scenario.images {
            around.repositories.insert(image.repository.clone());
            around.images.push(image.clone());
        }
        around
    }

    pub(crate) fn write_log(&mut self, group: &str, stream: &str, at: u64, text: &str) {
        self.lines += 1;
        let line = Line { number: self.lines, at, text: text.to_owned() };
        let streams = self.log_groups.entry(group.to_owned()).or_default();
        streams.entry(stream.to_owned()).or_default().push(line);
    }

    /// Returns the parameter's version.
    pub(crate) fn put_parameter(&mut self, name: &str, kind: &str, value: &str, now: u64) -> u64 {
        let version = self.parameters.get(name).map_or(0, |found| found.version) + 1;
        let parameter =
            Parameter { kind: kind.to_owned(), value: value.to_owned(), version, changed_at: now };
        self.parameters.insert(name.to_owned(), parameter);
        version
    }

    pub(crate) fn insert_secret(
        &mut self,
        name: &str,
        arn: &str,
        value: Option<String>,
        now: u64,
        hex: &str,
    ) {
        let versions = value.map(|value| (version_id(hex), value)).into_iter().collect();
        let secret =
            Secret { arn: arn.to_owned(), versions, created_at: now, changed_at: now, deleted_at: None };
        self.secrets.insert(name.to_owned(), secret);
    }

    pub(crate) fn put_schedule(&mut self, name: &str, properties: &Json, now: u64) {
        let created_at = self.schedules.get(name).map_or(now, |found| found.created_at);
        let schedule = Schedule { properties: properties.clone(), created_at, changed_at: now };
        self.schedules.insert(name.to_owned(), schedule);
    }

    /// Returns the names of parameters and secrets with a value, sorted.
    pub(crate) fn names_with_value(&self) -> Vec<String> {
        let secrets = self.secrets.iter().filter(|(_, secret)| !secret.versions.is_empty());
        let secrets = secrets.filter(|(_, secret)| secret.deleted_at.is_none());
        let mut names: Vec<String> =
            self.parameters.keys().cloned().chain(secrets.map(|(name, _)| name.clone())).collect();
        names.sort();
        names
    }

    /// Returns the object at an address: `…/BUCKET/KEY`, or `BUCKET.s3…/KEY`.
    pub(crate) fn object_at(&self, url: &str) -> Option<Vec<u8>> {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (host, path) = rest.split_once('/')?;
        let path = query::decode(path.split('?').next()?, false);
        let in_path = path.split_once('/').and_then(|(bucket, key)| self.buckets.get(bucket)?.get(key));
        let in_host =
            || host.split_once(".s3").and_then(|(bucket, _)| self.buckets.get(bucket)?.get(path.as_str()));
        in_path.or_else(in_host).map(|object| object.body.clone())
    }
}

/// Returns a version id: 32 to 64 letters.
pub(super) fn version_id(hex: &str) -> String {
    let hex = format!("{hex:0<32}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
