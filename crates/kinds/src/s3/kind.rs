//! Buckets as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::App;
use seaway_model::Resource;

use super::data;
use super::policy;
use crate::Facts;
use crate::Kind;
use crate::Reference;
use crate::Synth;
use crate::codes;
use crate::common;

/// The kind `x-s3`.
pub(crate) struct S3;

/// Canned ACLs that say no more than object ownership says.
const OWN: &[&str] = &["Private", "BucketOwnerFullControl", "BucketOwnerRead"];

fn option<'a>(resource: &'a Resource, name: &str) -> Option<&'a str> {
    common::text(common::macro_parameter(resource, name).or_else(|| common::setting(resource, name)))
}

fn wants(resource: &Resource, name: &str) -> bool {
    option(resource, name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Returns the name with account and region, where asked for.
fn name(resource: &Resource) -> Option<Value> {
    let text = common::text(common::property(resource, "BucketName"))?;
    let separator = option(resource, "NameSeparator").unwrap_or("-");
    let mut full = text.to_owned();
    for (key, parameter) in
        [("ExpandAccountIdToBucket", "${AWS::AccountId}"), ("ExpandRegionToBucket", "${AWS::Region}")]
    {
        if wants(resource, key) {
            full = format!("{full}{separator}{parameter}");
        }
    }
    Some(if full.contains("${") { Value::sub(full) } else { Value::from(full) })
}

/// S3 takes a key's alias with `alias/` only; `aws/s3` is meant to be one.
fn aliased(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(aliased).collect()),
        Value::Map(map) => Value::Map(
            map.into_iter()
                .map(|(key, value)| match &value {
                    Value::String(text) if key == "KMSMasterKeyID" && text.starts_with("aws/") => {
                        let alias = Value::from(format!("alias/{text}"));
                        (key, alias)
                    }
                    _ => (key, aliased(value)),
                })
                .collect(),
        ),
        other => other,
    }
}

impl Kind for S3 {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn needs(&self, resource: &Resource) -> Vec<Reference> {
        common::references(resource)
    }

    fn check(&self, resource: &Resource, _: &App, sink: &mut Sink) {
        if let Some(node) = common::property(resource, "AccessControl")
            && node.as_str().is_some_and(|text| !OWN.contains(&text))
        {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("the ACL of bucket `{}` lets others in", resource.name.value),
                )
                .label(node.span, "this ACL")
                .help("take it out and state who may do what under `MacroParameters.BucketPolicy`"),
            );
        }
        policy::check(resource, sink);
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let resource = input.resource;
        let mut bucket = common::main(self, input);
        // The owner of the bucket owns all objects: ACLs say nothing more.
        bucket.properties.shift_remove("AccessControl");
        if let Some(name) = name(resource) {
            bucket.properties.insert("BucketName".to_owned(), name);
        }
        if let Some(encryption) = bucket.properties.get_mut("BucketEncryption") {
            *encryption = aliased(std::mem::replace(encryption, Value::Null));
        }
        if wants(resource, "EnableAcceleration") && !bucket.properties.contains_key("AccelerateConfiguration")
        {
            let on = common::object([("AccelerationStatus", Value::from("Enabled"))]);
            bucket.properties.insert("AccelerateConfiguration".to_owned(), on);
        }
        // S3 asks the queue whether it may send before it takes the configuration.
        if common::property(resource, "NotificationConfiguration").is_some() {
            for reference in self.needs(resource).iter().filter(|reference| reference.module == "x-sqs") {
                if let Some(Value::Fn(intrinsic)) = (input.value_of)(reference)
                    && let seaway_cfn::Intrinsic::GetAtt { resource: queue, .. } = *intrinsic
                {
                    bucket.depends_on.push(format!("{queue}Policy"));
                }
            }
        }
        let mut made = IndexMap::from([(input.id.to_owned(), bucket)]);
        made.insert(format!("{}Policy", input.id), policy::synth(input));
        made
    }
}
