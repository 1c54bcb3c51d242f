//! JSON to templates and values.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::Intrinsic;
use crate::Output;
use crate::Parameter;
use crate::Resource;
use crate::Template;
use crate::Value;

/// One thing that is wrong in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateProblem {
    /// Where, such as `Resources.Web.Properties.Port`; empty for the whole text.
    pub path: String,
    /// What is wrong, a fragment that fits after the path.
    pub message: String,
}

/// A text that is not a template; lists everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the template: {}", list(.problems))]
pub struct TemplateError {
    /// At least one.
    pub problems: Vec<TemplateProblem>,
}

fn list(problems: &[TemplateProblem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| match problem.path.as_str() {
            "" => problem.message.clone(),
            path => format!("{path}: {}", problem.message),
        })
        .collect();
    lines.join("; ")
}

impl Template {
    /// Reads a JSON template. Intrinsics in their long form become [`Intrinsic`]s, unknown
    /// `Fn::…` [`Intrinsic::Other`].
    ///
    /// # Errors
    /// Everything that has the wrong shape, with its path. Whether references resolve and
    /// properties exist is not checked here.
    pub fn from_json(text: &str) -> Result<Template, TemplateError> {
        let json: Json = serde_json::from_str(text).map_err(|error| TemplateError {
            problems: vec![TemplateProblem { path: String::new(), message: format!("not JSON: {error}") }],
        })?;
        Self::from_json_value(&json)
    }

    /// Reads a template from JSON that is parsed already; see [`Template::from_json`].
    ///
    /// # Errors
    /// As [`Template::from_json`].
    pub fn from_json_value(json: &Json) -> Result<Template, TemplateError> {
        let mut reader = Reader { problems: Vec::new() };
        let template = reader.template(json);
        if reader.problems.is_empty() {
            Ok(template)
        } else {
            Err(TemplateError { problems: reader.problems })
        }
    }
}

impl Value {
    /// Reads a value; what has the wrong shape for an intrinsic is an error.
    ///
    /// # Errors
    /// Every malformed intrinsic, with its path from here.
    pub fn from_json(json: &Json) -> Result<Value, TemplateError> {
        let mut reader = Reader { problems: Vec::new() };
        let value = reader.value("", json, false);
        if reader.problems.is_empty() { Ok(value) } else { Err(TemplateError { problems: reader.problems }) }
    }
}

struct Reader {
    problems: Vec<TemplateProblem>,
}

impl Reader {
    fn problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(TemplateProblem { path: path.to_owned(), message: message.into() });
    }

    fn template(&mut self, json: &Json) -> Template {
        let mut template = Template::default();
        let Json::Object(sections) = json else {
            self.problem("", format!("expected an object, found {}", noun(json)));
            return template;
        };
        for (name, section) in sections {
            match name.as_str() {
                "AWSTemplateFormatVersion" => {
                    if section.as_str() != Some("2010-09-09") {
                        self.problem(name, "must be the string `2010-09-09`");
                    }
                }
                "Description" => template.description = self.text(name, section),
                "Metadata" => template.metadata = self.plain_section(name, section, false),
                "Mappings" => template.mappings = self.plain_section(name, section, false),
                "Conditions" => template.conditions = self.plain_section(name, section, true),
                "Transform" => template.transform = Some(self.value(name, section, false)),
                "Parameters" => {
                    template.parameters = self.section(name, section, Self::parameter);
                }
                "Resources" => template.resources = self.section(name, section, Self::resource),
                "Outputs" => template.outputs = self.section(name, section, Self::output),
                _ => self.problem(name, "not a section of a template"),
            }
        }
        if !sections.contains_key("Resources") {
            self.problem("Resources", "missing");
        }
        template
    }

    fn plain_section(&mut self, path: &str, json: &Json, conditions: bool) -> IndexMap<String, Value> {
        self.section(path, json, |reader, path, json| Some(reader.value(path, json, conditions)))
    }

    fn section<T>(
        &mut self,
        path: &str,
        json: &Json,
        mut read: impl FnMut(&mut Self, &str, &Json) -> Option<T>,
    ) -> IndexMap<String, T> {
        let Json::Object(entries) = json else {
            self.problem(path, format!("expected an object, found {}", noun(json)));
            return IndexMap::new();
        };
        let mut section = IndexMap::new();
        for (key, json) in entries {
            if let Some(item) = read(self, &join(path, key), json) {
                section.insert(key.clone(), item);
            }
        }
        section
    }

    fn text(&mut self, path: &str, json: &Json) -> Option<String> {
        let text = json.as_str().map(str::to_owned);
        if text.is_none() {
            self.problem(path, format!("expected a string, found {}", noun(json)));
        }
        text
    }

    /// A scalar that CloudFormation takes as text, such as a parameter's default.
    fn scalar(&mut self, path: &str, json: &Json) -> Option<String> {
        match json {
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            _ => self.text(path, json),
        }
    }

    fn parameter(&mut self, path: &str, json: &Json) -> Option<Parameter> {
        let mut parameter =
            Parameter { kind: String::new(), default: None, description: None, extra: IndexMap::new() };
        let entries = self.object(path, json, &["Type"])?;
        for (key, json) in entries {
            let path = join(path, key);
            match key.as_str() {
                "Type" => parameter.kind = self.text(&path, json)?,
                "Default" => parameter.default = self.scalar(&path, json),
                "Description" => parameter.description = self.text(&path, json),
                _ => {
                    let value = self.value(&path, json, false);
                    parameter.extra.insert(key.clone(), value);
                }
            }
        }
        Some(parameter)
    }

    fn resource(&mut self, path: &str, json: &Json) -> Option<Resource> {
        let mut resource = Resource::new("");
        let entries = self.object(path, json, &["Type"])?;
        for (key, json) in entries {
            let path = join(path, key);
            match key.as_str() {
                "Type" => resource.kind = self.text(&path, json)?,
                "Condition" => resource.condition = self.text(&path, json),
                "DeletionPolicy" => resource.deletion_policy = self.text(&path, json),
                "UpdateReplacePolicy" => resource.update_replace_policy = self.text(&path, json),
                "Properties" => resource.properties = self.plain_section(&path, json, false),
                "DependsOn" => resource.depends_on = self.names(&path, json),
                _ => {
                    let value = self.value(&path, json, false);
                    resource.extra.insert(key.clone(), value);
                }
            }
        }
        Some(resource)
    }

    fn output(&mut self, path: &str, json: &Json) -> Option<Output> {
        let mut output = Output { value: Value::Null, description: None, condition: None, export: None };
        let entries = self.object(path, json, &["Value"])?;
        for (key, json) in entries {
            let path = join(path, key);
            match key.as_str() {
                "Value" => output.value = self.value(&path, json, false),
                "Description" => output.description = self.text(&path, json),
                "Condition" => output.condition = self.text(&path, json),
                "Export" => match json.get("Name") {
                    Some(name) => {
                        output.export = Some(self.value(&join(&path, "Name"), name, false));
                    }
                    None => self.problem(&path, "expected an object with `Name`"),
                },
                _ => self.problem(&path, "not a key of an output"),
            }
        }
        Some(output)
    }

    fn object<'a>(
        &mut self,
        path: &str,
        json: &'a Json,
        required: &[&str],
    ) -> Option<&'a serde_json::Map<String, Json>> {
        let Json::Object(entries) = json else {
            self.problem(path, format!("expected an object, found {}", noun(json)));
            return None;
        };
        for key in required {
            if !entries.contains_key(*key) {
                self.problem(&join(path, key), "missing");
            }
        }
        Some(entries)
    }

    fn names(&mut self, path: &str, json: &Json) -> Vec<String> {
        match json {
            Json::Array(items) => items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| self.text(&format!("{path}[{index}]"), item))
                .collect(),
            _ => self.text(path, json).into_iter().collect(),
        }
    }

    fn value(&mut self, path: &str, json: &Json, conditions: bool) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Value::Int(number),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::String(text.clone()),
            Json::Array(items) => Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.value(&format!("{path}[{index}]"), item, conditions))
                    .collect(),
            ),
            Json::Object(entries) => {
                if let Some((name, argument)) = single(entries)
                    && is_intrinsic(name, argument, conditions)
                {
                    return self.intrinsic(&join(path, name), name, argument, conditions);
                }
                Value::Map(
                    entries
                        .iter()
                        .map(|(key, json)| (key.clone(), self.value(&join(path, key), json, conditions)))
                        .collect(),
                )
            }
        }
    }

    fn intrinsic(&mut self, path: &str, name: &str, json: &Json, conditions: bool) -> Value {
        let argument = self.value(path, json, conditions);
        match typed(name, &argument) {
            Ok(intrinsic) => intrinsic.into(),
            Err(expected) => {
                self.problem(path, format!("expected {expected}"));
                Value::Null
            }
        }
    }
}

fn single(entries: &serde_json::Map<String, Json>) -> Option<(&str, &Json)> {
    let mut iterator = entries.iter();
    match (iterator.next(), iterator.next()) {
        (Some((key, value)), None) => Some((key, value)),
        _ => None,
    }
}

fn is_intrinsic(name: &str, argument: &Json, conditions: bool) -> bool {
    match name {
        "Ref" => true,
        // In properties `Condition` is an ordinary key, of IAM statements for example.
        "Condition" => conditions && argument.is_string(),
        _ => name.starts_with("Fn::"),
    }
}

/// Returns the typed intrinsic, or what its argument should have been.
fn typed(name: &str, argument: &Value) -> Result<Intrinsic, &'static str> {
    let other = || Intrinsic::Other { name: name.to_owned(), argument: argument.clone() };
    let intrinsic = match (name, argument) {
        ("Ref", Value::String(id)) => Intrinsic::Ref(id.clone()),
        ("Ref", _) => return Err("the name of a parameter or resource"),
        ("Condition", Value::String(id)) => Intrinsic::Condition(id.clone()),
        ("Fn::GetAtt", Value::String(dotted)) => {
            let Some((resource, attribute)) = dotted.split_once('.') else {
                return Err("`Resource.Attribute`");
            };
            Intrinsic::GetAtt { resource: resource.to_owned(), attribute: attribute.to_owned() }
        }
        ("Fn::GetAtt", Value::List(items)) => match items.as_slice() {
            [Value::String(resource), Value::String(attribute)] => {
                Intrinsic::GetAtt { resource: resource.clone(), attribute: attribute.clone() }
            }
            // An attribute name may be computed by `Ref`: kept, not evaluated.
            [Value::String(_), Value::Fn(_)] => other(),
            _ => return Err("a list of a resource and an attribute"),
        },
        ("Fn::GetAtt", _) => return Err("a list of a resource and an attribute"),
        ("Fn::Sub", Value::String(template)) => {
            Intrinsic::Sub { template: template.clone(), variables: IndexMap::new() }
        }
        ("Fn::Sub", Value::List(items)) => match items.as_slice() {
            [Value::String(template), Value::Map(variables)] => {
                Intrinsic::Sub { template: template.clone(), variables: variables.clone() }
            }
            _ => return Err("a list of a text and an object of variables"),
        },
        ("Fn::Sub", _) => return Err("a text, or a list of a text and an object of variables"),
        ("Fn::Join", Value::List(items)) => match items.as_slice() {
            [Value::String(delimiter), values @ (Value::List(_) | Value::Fn(_))] => {
                Intrinsic::Join { delimiter: delimiter.clone(), values: values.clone() }
            }
            _ => return Err("a list of a delimiter and a list"),
        },
        ("Fn::Join", _) => return Err("a list of a delimiter and a list"),
        ("Fn::Select", Value::List(items)) => match items.as_slice() {
            [index, list] => Intrinsic::Select { index: index.clone(), list: list.clone() },
            _ => return Err("a list of an index and a list"),
        },
        ("Fn::Select", _) => return Err("a list of an index and a list"),
        ("Fn::Split", Value::List(items)) => match items.as_slice() {
            [Value::String(delimiter), source] => {
                Intrinsic::Split { delimiter: delimiter.clone(), source: source.clone() }
            }
            _ => return Err("a list of a delimiter and a text"),
        },
        ("Fn::Split", _) => return Err("a list of a delimiter and a text"),
        ("Fn::If", Value::List(items)) => match items.as_slice() {
            [Value::String(condition), then, otherwise] => Intrinsic::If {
                condition: condition.clone(),
                then: then.clone(),
                otherwise: otherwise.clone(),
            },
            _ => return Err("a list of a condition name and two values"),
        },
        ("Fn::If", _) => return Err("a list of a condition name and two values"),
        ("Fn::FindInMap", Value::List(items)) => match items.as_slice() {
            [map, top, second] => {
                Intrinsic::FindInMap { map: map.clone(), top: top.clone(), second: second.clone() }
            }
            // The fourth argument, a default, needs a transform: kept, not evaluated.
            [_, _, _, _] => other(),
            _ => return Err("a list of a mapping name and two keys"),
        },
        ("Fn::FindInMap", _) => return Err("a list of a mapping name and two keys"),
        ("Fn::Cidr", Value::List(items)) => match items.as_slice() {
            [block, count] => {
                Intrinsic::Cidr { block: block.clone(), count: count.clone(), bits: Value::Null }
            }
            [block, count, bits] => {
                Intrinsic::Cidr { block: block.clone(), count: count.clone(), bits: bits.clone() }
            }
            _ => return Err("a list of a block, a count and the host bits"),
        },
        ("Fn::Cidr", _) => return Err("a list of a block, a count and the host bits"),
        ("Fn::GetAZs", _) => Intrinsic::GetAzs(argument.clone()),
        ("Fn::ImportValue", _) => Intrinsic::ImportValue(argument.clone()),
        ("Fn::Base64", _) => Intrinsic::Base64(argument.clone()),
        ("Fn::Equals", Value::List(items)) => match items.as_slice() {
            [left, right] => Intrinsic::Equals(left.clone(), right.clone()),
            _ => return Err("a list of two values"),
        },
        ("Fn::Equals", _) => return Err("a list of two values"),
        ("Fn::And", Value::List(items)) => Intrinsic::And(items.clone()),
        ("Fn::And", _) => return Err("a list of conditions"),
        ("Fn::Or", Value::List(items)) => Intrinsic::Or(items.clone()),
        ("Fn::Or", _) => return Err("a list of conditions"),
        ("Fn::Not", Value::List(items)) => match items.as_slice() {
            [value] => Intrinsic::Not(value.clone()),
            _ => return Err("a list of one condition"),
        },
        ("Fn::Not", _) => return Err("a list of one condition"),
        _ => other(),
    };
    Ok(intrinsic)
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn noun(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
