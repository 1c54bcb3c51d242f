//! From a call to a template with its parameters, checked as CloudFormation checks them.

use indexmap::IndexMap;
use seaway_cfn::Template;
use seaway_cfn::evaluate::Evaluator;
use seaway_cfn::evaluate::PseudoParameters;
use seaway_cfn::graph::Graph;
use serde_json::Value as Json;

use super::state::Known;
use super::state::Stack;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::world::World;

/// The longest template in a call, in bytes.
const INLINE: usize = 51_200;

/// The longest template in a bucket, in bytes.
const UPLOADED: usize = 1_048_576;

/// A template with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) text: String,
    pub(super) template: Template,
    pub(super) parameters: IndexMap<String, String>,
    pub(super) hidden: Vec<String>,
}

/// Reads and checks the template and parameters of a call. `old` is the stack that it changes.
pub(super) fn prepare(
    world: &World,
    call: &Call,
    name: &str,
    old: Option<&Stack>,
) -> Result<Prepared, Failure> {
    let text = text_of(world, call, old)?;
    let given = given_parameters(call, old)?;
    let prepared = check(world, name, text, &given)?;
    capabilities(&prepared.template, &call.texts("Capabilities"))?;
    Ok(prepared)
}

fn text_of(world: &World, call: &Call, old: Option<&Stack>) -> Result<String, Failure> {
    if call.flag("UsePreviousTemplate") {
        let missing = || Failure::validation("Previous template does not exist.");
        return old.map(|stack| stack.template.clone()).ok_or_else(missing);
    }
    if let Some(body) = call.text("TemplateBody") {
        if body.len() > INLINE {
            return Err(Failure::validation(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must \
                 have length less than or equal to 51200",
            ));
        }
        return Ok(body);
    }
    let Some(url) = call.text("TemplateURL") else {
        return Err(Failure::validation("Either Template URL or Template Body must be specified."));
    };
    let denied = || Failure::validation("S3 error: Access Denied");
    let bytes = world.around.object_at(&url).ok_or_else(denied)?;
    if bytes.len() > UPLOADED {
        return Err(Failure::validation("Template may not exceed 1048576 bytes in size."));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn given_parameters(call: &Call, old: Option<&Stack>) -> Result<IndexMap<String, String>, Failure> {
    let mut given = IndexMap::new();
    for parameter in call.list("Parameters") {
        let name = parameter["ParameterKey"].as_str().unwrap_or_default().to_owned();
        let previous = parameter["UsePreviousValue"].as_str() == Some("true");
        let value = if previous {
            let missing = || {
                Failure::validation(format!(
                    "Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a \
                     parameter key not in the previous template"
                ))
            };
            old.and_then(|stack| stack.parameters.get(&name)).cloned().ok_or_else(missing)?
        } else {
            parameter["ParameterValue"].as_str().unwrap_or_default().to_owned()
        };
        given.insert(name, value);
    }
    Ok(given)
}

/// Checks a template with the values given.
pub(super) fn check(
    world: &World,
    name: &str,
    text: String,
    given: &IndexMap<String, String>,
) -> Result<Prepared, Failure> {
    let template = Template::from_json(&text)
        .map_err(|error| Failure::validation(format!("Template format error: {error}")))?;
    if template.resources.is_empty() {
        return Err(Failure::validation(
            "Template format error: At least one Resources member must be defined.",
        ));
    }
    let missing: Vec<&str> = template
        .parameters
        .iter()
        .filter(|(key, parameter)| parameter.default.is_none() && !given.contains_key(*key))
        .map(|(key, _)| key.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(Failure::validation(format!("Parameters: [{}] must have values", missing.join(", "))));
    }
    let extra: Vec<&str> =
        given.keys().filter(|key| !template.parameters.contains_key(*key)).map(String::as_str).collect();
    if !extra.is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", extra.join(", "));
        return Err(Failure::validation(message));
    }
    let pseudo = pseudo(world, name, "");
    let none = IndexMap::new();
    let known = Known(&none);
    let joined = |errors: Vec<String>| Failure::validation(format!("Template error: {}", errors.join("; ")));
    let evaluator = Evaluator::new(&template, given, &pseudo, &known)
        .map_err(|errors| joined(errors.iter().map(ToString::to_string).collect()))?;
    let conditions =
        evaluator.conditions().map_err(|errors| joined(errors.iter().map(ToString::to_string).collect()))?;
    if let Err(errors) = Graph::with_conditions(&template, &conditions) {
        return Err(joined(errors.iter().map(ToString::to_string).collect()));
    }
    let parameters = evaluator.parameters().clone();
    let secret = |extra: &IndexMap<String, seaway_cfn::Value>| {
        extra.get("NoEcho").and_then(seaway_cfn::Value::as_bool).unwrap_or(false)
    };
    let hidden =
        template.parameters.iter().filter(|(_, p)| secret(&p.extra)).map(|(k, _)| k.clone()).collect();
    Ok(Prepared { text, parameters, hidden, template })
}

/// Returns the pseudo parameters of a stack.
pub(super) fn pseudo(world: &World, name: &str, id: &str) -> PseudoParameters {
    PseudoParameters::new(&world.scenario.region, &world.scenario.account, name, id)
}

/// Returns what `Fn::GetAZs` gives.
pub(super) fn zones(world: &World) -> Vec<String> {
    ["a", "b", "c"].iter().map(|letter| format!("{}{letter}", world.scenario.region)).collect()
}

fn capabilities(template: &Template, given: &[String]) -> Result<(), Failure> {
    let named = ["RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"];
    let iam: Vec<_> =
        template.resources.values().filter(|found| found.kind.starts_with("AWS::IAM::")).collect();
    if iam.is_empty() {
        return Ok(());
    }
    let is_named = iam.iter().any(|found| named.iter().any(|name| found.properties.contains_key(*name)));
    let has = |name: &str| given.iter().any(|found| found == name);
    let needs = if is_named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" };
    if has("CAPABILITY_NAMED_IAM") || (!is_named && has("CAPABILITY_IAM")) {
        return Ok(());
    }
    Err(Failure::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{needs}]")))
}

/// Reads `Tags`.
pub(super) fn tags(call: &Call) -> IndexMap<String, String> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    call.list("Tags").iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}
