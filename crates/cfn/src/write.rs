//! Templates and values to canonical JSON.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::Intrinsic;
use crate::Output;
use crate::Parameter;
use crate::Resource;
use crate::Template;
use crate::Value;

impl Value {
    /// Returns the JSON that CloudFormation reads: intrinsics in their long form, keys in the
    /// order in which they were added. A number that JSON cannot hold (NaN, infinity) is `null`.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(truth) => Json::from(*truth),
            Value::Int(number) => Json::from(*number),
            Value::Float(number) => Json::from(*number),
            Value::String(text) => Json::from(text.as_str()),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(map) => Json::Object(entries(map)),
            Value::Fn(intrinsic) => intrinsic.to_json(),
        }
    }
}

impl Intrinsic {
    /// Returns the name as it stands in a template, such as `Fn::Join` or `Ref`.
    pub fn name(&self) -> &str {
        match self {
            Intrinsic::Ref(_) => "Ref",
            Intrinsic::GetAtt { .. } => "Fn::GetAtt",
            Intrinsic::Sub { .. } => "Fn::Sub",
            Intrinsic::Join { .. } => "Fn::Join",
            Intrinsic::Select { .. } => "Fn::Select",
            Intrinsic::Split { .. } => "Fn::Split",
            Intrinsic::If { .. } => "Fn::If",
            Intrinsic::FindInMap { .. } => "Fn::FindInMap",
            Intrinsic::Cidr { .. } => "Fn::Cidr",
            Intrinsic::GetAzs(_) => "Fn::GetAZs",
            Intrinsic::ImportValue(_) => "Fn::ImportValue",
            Intrinsic::Base64(_) => "Fn::Base64",
            Intrinsic::Equals(..) => "Fn::Equals",
            Intrinsic::And(_) => "Fn::And",
            Intrinsic::Or(_) => "Fn::Or",
            Intrinsic::Not(_) => "Fn::Not",
            Intrinsic::Condition(_) => "Condition",
            Intrinsic::Other { name, .. } => name,
        }
    }

    /// Returns the long form: an object with one key.
    pub fn to_json(&self) -> Json {
        let argument = match self {
            Intrinsic::Ref(name) | Intrinsic::Condition(name) => json!(name),
            Intrinsic::GetAtt { resource, attribute } => json!([resource, attribute]),
            Intrinsic::Sub { template, variables } if variables.is_empty() => json!(template),
            Intrinsic::Sub { template, variables } => json!([template, entries(variables)]),
            Intrinsic::Join { delimiter, values } => json!([delimiter, values.to_json()]),
            Intrinsic::Select { index, list } => json!([index.to_json(), list.to_json()]),
            Intrinsic::Split { delimiter, source } => json!([delimiter, source.to_json()]),
            Intrinsic::If { condition, then, otherwise } => {
                json!([condition, then.to_json(), otherwise.to_json()])
            }
            Intrinsic::FindInMap { map, top, second } => {
                json!([map.to_json(), top.to_json(), second.to_json()])
            }
            Intrinsic::Cidr { block, count, bits: Value::Null } => {
                json!([block.to_json(), count.to_json()])
            }
            Intrinsic::Cidr { block, count, bits } => {
                json!([block.to_json(), count.to_json(), bits.to_json()])
            }
            Intrinsic::GetAzs(value) | Intrinsic::ImportValue(value) | Intrinsic::Base64(value) => {
                value.to_json()
            }
            Intrinsic::Equals(left, right) => json!([left.to_json(), right.to_json()]),
            Intrinsic::And(values) | Intrinsic::Or(values) => values.iter().map(Value::to_json).collect(),
            Intrinsic::Not(value) => json!([value.to_json()]),
            Intrinsic::Other { argument, .. } => argument.to_json(),
        };
        let mut object = Map::new();
        object.insert(self.name().to_owned(), argument);
        Json::Object(object)
    }
}

impl Template {
    /// Returns canonical JSON: sections in a fixed order, empty ones left out, everything below
    /// them in the order in which it was added. The same template gives the same bytes.
    pub fn to_json(&self) -> Json {
        let mut object = Map::new();
        object.insert("AWSTemplateFormatVersion".to_owned(), json!("2010-09-09"));
        if let Some(description) = &self.description {
            object.insert("Description".to_owned(), json!(description));
        }
        let mut section = |name: &str, content: Map<String, Json>| {
            if !content.is_empty() {
                object.insert(name.to_owned(), Json::Object(content));
            }
        };
        section("Metadata", entries(&self.metadata));
        section(
            "Parameters",
            self.parameters.iter().map(|(id, item)| (id.clone(), parameter(item))).collect(),
        );
        section("Mappings", entries(&self.mappings));
        section("Conditions", entries(&self.conditions));
        if let Some(transform) = &self.transform {
            object.insert("Transform".to_owned(), transform.to_json());
        }
        // Required even when it is empty, so that what is wrong is what CloudFormation says it is.
        object.insert(
            "Resources".to_owned(),
            Json::Object(self.resources.iter().map(|(id, item)| (id.clone(), resource(item))).collect()),
        );
        if !self.outputs.is_empty() {
            object.insert(
                "Outputs".to_owned(),
                Json::Object(self.outputs.iter().map(|(id, item)| (id.clone(), output(item))).collect()),
            );
        }
        Json::Object(object)
    }

    /// Returns [`Template::to_json`] as text; `pretty` indents by two spaces and ends with a
    /// newline, otherwise there is no white space at all.
    pub fn to_json_string(&self, pretty: bool) -> String {
        let json = self.to_json();
        if pretty { format!("{json:#}\n") } else { json.to_string() }
    }
}

fn entries<'a>(map: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Map<String, Json> {
    map.into_iter().map(|(key, value)| (key.clone(), value.to_json())).collect()
}

fn parameter(parameter: &Parameter) -> Json {
    let mut object = Map::new();
    object.insert("Type".to_owned(), json!(parameter.kind));
    if let Some(default) = &parameter.default {
        object.insert("Default".to_owned(), json!(default));
    }
    if let Some(description) = &parameter.description {
        object.insert("Description".to_owned(), json!(description));
    }
    object.extend(entries(&parameter.extra));
    Json::Object(object)
}

fn resource(resource: &Resource) -> Json {
    let mut object = Map::new();
    object.insert("Type".to_owned(), json!(resource.kind));
    if let Some(condition) = &resource.condition {
        object.insert("Condition".to_owned(), json!(condition));
    }
    if !resource.depends_on.is_empty() {
        object.insert("DependsOn".to_owned(), json!(resource.depends_on));
    }
    if let Some(policy) = &resource.deletion_policy {
        object.insert("DeletionPolicy".to_owned(), json!(policy));
    }
    if let Some(policy) = &resource.update_replace_policy {
        object.insert("UpdateReplacePolicy".to_owned(), json!(policy));
    }
    object.extend(entries(&resource.extra));
    if !resource.properties.is_empty() {
        object.insert("Properties".to_owned(), Json::Object(entries(&resource.properties)));
    }
    Json::Object(object)
}

fn output(output: &Output) -> Json {
    let mut object = Map::new();
    if let Some(description) = &output.description {
        object.insert("Description".to_owned(), json!(description));
    }
    if let Some(condition) = &output.condition {
        object.insert("Condition".to_owned(), json!(condition));
    }
    object.insert("Value".to_owned(), output.value.to_json());
    if let Some(name) = &output.export {
        object.insert("Export".to_owned(), json!({"Name": name.to_json()}));
    }
    Json::Object(object)
}
