//! The engine behind the evaluator and the diff: folds functions away.
//!
//! A *strict* scope computes everything or fails. A *lenient* scope (the diff) knows parameters
//! but no resources and no pseudo parameters: what it cannot compute stays a function, with its
//! arguments folded.

use std::cell::RefCell;

use indexmap::IndexMap;

use super::EvaluateError;
use super::Piece;
use super::PseudoParameters;
use super::Resolve;
use super::base64;
use super::cidr;
use super::logic::Known;
use super::logic::has_function;
use super::logic::scalar;
use super::parameters;
use super::path::Path;
use super::pieces;
use crate::Intrinsic;
use crate::Template;
use crate::Value;

/// What a fold returns; `None` is `AWS::NoValue`.
pub(crate) type Folded = Result<Option<Value>, EvaluateError>;

/// What is known while folding.
pub(crate) struct Scope<'a> {
    pub(crate) template: &'a Template,
    pub(crate) parameters: &'a IndexMap<String, String>,
    pub(crate) pseudo: Option<&'a PseudoParameters>,
    pub(crate) resources: Option<&'a dyn Resolve>,
    pub(crate) zones: &'a [String],
    pub(crate) conditions: RefCell<IndexMap<String, Known>>,
    /// Shown instead of the value of a parameter.
    pub(crate) masks: IndexMap<String, String>,
}

impl<'a> Scope<'a> {
    /// Returns a scope that computes everything or fails.
    pub(crate) fn strict(
        template: &'a Template,
        parameters: &'a IndexMap<String, String>,
        pseudo: &'a PseudoParameters,
        resources: &'a dyn Resolve,
        zones: &'a [String],
    ) -> Self {
        let conditions = RefCell::default();
        let (pseudo, resources) = (Some(pseudo), Some(resources));
        Scope { template, parameters, pseudo, resources, zones, conditions, masks: IndexMap::new() }
    }

    /// Returns a scope that knows parameters only.
    pub(crate) fn lenient(template: &'a Template, parameters: &'a IndexMap<String, String>) -> Self {
        let conditions = RefCell::default();
        Scope {
            template,
            parameters,
            pseudo: None,
            resources: None,
            zones: &[],
            conditions,
            masks: IndexMap::new(),
        }
    }

    /// Evaluates all conditions now, so that later ones see what they see now. One that cannot be
    /// evaluated is an error wherever it is used.
    pub(crate) fn decide_conditions(&self) {
        for name in self.template.conditions.keys() {
            // Reported where the condition is used.
            let _ = self.condition(&Path::Root("Conditions"), name);
        }
    }

    /// Folds a value.
    pub(crate) fn fold(&self, path: &Path<'_>, value: &Value) -> Folded {
        match value {
            Value::List(items) => {
                let mut folded = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    folded.extend(self.fold(&path.index(index), item)?);
                }
                Ok(Some(Value::List(folded)))
            }
            Value::Map(map) => {
                let mut folded = IndexMap::with_capacity(map.len());
                for (key, item) in map {
                    if let Some(item) = self.fold(&path.key(key), item)? {
                        folded.insert(key.clone(), item);
                    }
                }
                Ok(Some(Value::Map(folded)))
            }
            Value::Fn(intrinsic) => self.function(&path.key(intrinsic.name()), intrinsic),
            _ => Ok(Some(value.clone())),
        }
    }

    fn function(&self, path: &Path<'_>, intrinsic: &Intrinsic) -> Folded {
        let error = |message: String| EvaluateError::new(path.to_string(), message);
        let folded = match intrinsic {
            Intrinsic::Ref(name) => return self.reference(path, name),
            Intrinsic::GetAtt { resource, attribute } => {
                return self.attribute(path, resource, attribute).map(Some);
            }
            Intrinsic::Sub { template, variables } => {
                return self.sub(path, template, variables).map(Some);
            }
            Intrinsic::If { condition, then, otherwise } => {
                return self.choose(path, condition, then, otherwise);
            }
            Intrinsic::Join { delimiter, values } => {
                let values = self.list(&path.index(1), values)?;
                match &values {
                    Value::List(items) if !items.iter().any(has_function) => {
                        let texts: Option<Vec<String>> = items.iter().map(scalar).collect();
                        let texts = texts.ok_or_else(|| error("joins text only".to_owned()))?;
                        Value::String(texts.join(delimiter))
                    }
                    _ => Intrinsic::Join { delimiter: delimiter.clone(), values }.into(),
                }
            }
            Intrinsic::Select { index, list } => {
                let index = self.required(&path.index(0), index)?;
                let list = self.list(&path.index(1), list)?;
                match (&index, &list) {
                    (Value::Fn(_), _) | (_, Value::Fn(_)) => Intrinsic::Select { index, list }.into(),
                    (position, Value::List(items)) => {
                        let position = position
                            .as_i64()
                            .ok_or_else(|| error("the index must be a number".to_owned()))?;
                        usize::try_from(position)
                            .ok()
                            .and_then(|position| items.get(position))
                            .cloned()
                            .ok_or_else(|| {
                                error(format!("no item {position} in a list of {}", items.len()))
                            })?
                    }
                    _ => return Err(error("selects from a list only".to_owned())),
                }
            }
            Intrinsic::Split { delimiter, source } => {
                if delimiter.is_empty() {
                    return Err(error("the delimiter must not be empty".to_owned()));
                }
                match self.text(&path.index(1), source)? {
                    Ok(text) => Value::list(text.split(delimiter.as_str())),
                    Err(source) => Intrinsic::Split { delimiter: delimiter.clone(), source }.into(),
                }
            }
            Intrinsic::FindInMap { map, top, second } => self.find_in_map(path, map, top, second)?,
            Intrinsic::Cidr { block, count, bits } => self.cidr(path, block, count, bits)?,
            Intrinsic::GetAzs(region) => self.zones(path, region)?,
            Intrinsic::ImportValue(value) => {
                if self.is_strict() {
                    return Err(error("exports are not supported".to_owned()));
                }
                Intrinsic::ImportValue(self.required(path, value)?).into()
            }
            Intrinsic::Base64(value) => match self.text(path, value)? {
                Ok(text) => Value::String(base64::encode(&text)),
                Err(value) => Intrinsic::Base64(value).into(),
            },
            Intrinsic::Equals(..)
            | Intrinsic::And(_)
            | Intrinsic::Or(_)
            | Intrinsic::Not(_)
            | Intrinsic::Condition(_) => {
                return Err(error("stands in conditions only".to_owned()));
            }
            Intrinsic::Other { name, argument } => {
                if self.is_strict() {
                    return Err(error("this function is not supported".to_owned()));
                }
                let argument = self.required(path, argument)?;
                Intrinsic::Other { name: name.clone(), argument }.into()
            }
        };
        Ok(Some(folded))
    }

    fn is_strict(&self) -> bool {
        self.resources.is_some()
    }

    /// Folds an argument that must not be `AWS::NoValue`.
    fn required(&self, path: &Path<'_>, value: &Value) -> Result<Value, EvaluateError> {
        self.fold(path, value)?
            .ok_or_else(|| EvaluateError::new(path.to_string(), "`AWS::NoValue` is not a value here"))
    }

    /// Folds an argument that is a list, or a function that remains.
    fn list(&self, path: &Path<'_>, value: &Value) -> Result<Value, EvaluateError> {
        match self.required(path, value)? {
            list @ (Value::List(_) | Value::Fn(_)) => Ok(list),
            _ => Err(EvaluateError::new(path.to_string(), "expected a list")),
        }
    }

    /// Folds an argument that is text: `Ok` the text, `Err` the function that remains.
    fn text(&self, path: &Path<'_>, value: &Value) -> Result<Result<String, Value>, EvaluateError> {
        let folded = self.required(path, value)?;
        if matches!(folded, Value::Fn(_)) {
            return Ok(Err(folded));
        }
        scalar(&folded).map(Ok).ok_or_else(|| EvaluateError::new(path.to_string(), "expected text"))
    }

    fn reference(&self, path: &Path<'_>, name: &str) -> Folded {
        let remains = || Ok(Some(Value::reference(name)));
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            let Some(values) = self.pseudo else { return remains() };
            let text = match pseudo {
                "Region" => &values.region,
                "AccountId" => &values.account_id,
                "Partition" => &values.partition,
                "URLSuffix" => &values.url_suffix,
                "StackName" => &values.stack_name,
                "StackId" => &values.stack_id,
                "NotificationARNs" => {
                    let arns = values.notification_arns.iter().map(String::as_str);
                    return Ok(Some(Value::list(arns)));
                }
                _ => {
                    let message = format!("`{name}` is not a pseudo parameter");
                    return Err(EvaluateError::new(path.to_string(), message));
                }
            };
            return Ok(Some(Value::from(text.as_str())));
        }
        if let Some(parameter) = self.template.parameters.get(name) {
            let masked = self.masks.get(name);
            let text = masked.or(self.parameters.get(name)).or(parameter.default.as_ref());
            return match (text, parameters::ssm(&parameter.kind), self.resources) {
                (Some(text), None, _) | (Some(text), Some(_), None) => {
                    Ok(Some(parameters::value(&parameter.kind, text)))
                }
                (Some(text), Some(_), Some(resources)) => match resources.ssm_parameter(text) {
                    Some(text) => Ok(Some(parameters::value(&parameter.kind, &text))),
                    None => Err(EvaluateError::new(
                        path.to_string(),
                        format!("the SSM parameter `{text}` is not known"),
                    )),
                },
                (None, _, None) => remains(),
                (None, _, Some(_)) => {
                    Err(EvaluateError::new(path.to_string(), format!("the parameter `{name}` has no value")))
                }
            };
        }
        let Some(resources) = self.resources else { return remains() };
        self.created(path, name)?;
        match resources.reference(name) {
            Some(id) => Ok(Some(Value::String(id))),
            None => {
                Err(EvaluateError::new(path.to_string(), format!("the resource `{name}` does not exist yet")))
            }
        }
    }

    fn attribute(&self, path: &Path<'_>, resource: &str, attribute: &str) -> Result<Value, EvaluateError> {
        let Some(resources) = self.resources else {
            return Ok(Value::get_att(resource, attribute));
        };
        self.created(path, resource)?;
        if let Some(list) = resources.attribute_list(resource, attribute) {
            return Ok(Value::list(list));
        }
        resources.attribute(resource, attribute).map(Value::String).ok_or_else(|| {
            let message = if resources.reference(resource).is_some() {
                format!("the resource `{resource}` has no attribute `{attribute}`")
            } else {
                format!("the resource `{resource}` does not exist yet")
            };
            EvaluateError::new(path.to_string(), message)
        })
    }

    /// Fails for what is not a resource of the template, or one whose condition is false.
    fn created(&self, path: &Path<'_>, logical_id: &str) -> Result<(), EvaluateError> {
        let error = |message: String| Err(EvaluateError::new(path.to_string(), message));
        let Some(resource) = self.template.resources.get(logical_id) else {
            return error(format!("`{logical_id}` is neither a parameter nor a resource"));
        };
        match &resource.condition {
            Some(condition) if self.condition(path, condition)? == Some(false) => error(format!(
                "the resource `{logical_id}` is not created: its condition `{condition}` is false"
            )),
            _ => Ok(()),
        }
    }

    fn choose(&self, path: &Path<'_>, condition: &str, then: &Value, otherwise: &Value) -> Folded {
        match self.condition(path, condition)? {
            Some(true) => self.fold(&path.index(1), then),
            Some(false) => self.fold(&path.index(2), otherwise),
            None => {
                let keep = |value: Option<Value>| value.unwrap_or(Value::reference("AWS::NoValue"));
                let then = keep(self.fold(&path.index(1), then)?);
                let otherwise = keep(self.fold(&path.index(2), otherwise)?);
                let condition = condition.to_owned();
                Ok(Some(Intrinsic::If { condition, then, otherwise }.into()))
            }
        }
    }

    fn sub(
        &self,
        path: &Path<'_>,
        template: &str,
        variables: &IndexMap<String, Value>,
    ) -> Result<Value, EvaluateError> {
        // `text` is the result where everything is known, `kept` the template where it is not.
        let mut text = String::new();
        let mut kept = String::new();
        let mut left = IndexMap::new();
        let mut remains = false;
        for piece in pieces(template) {
            match piece {
                Piece::Literal(literal) => {
                    text.push_str(literal);
                    kept.push_str(literal);
                }
                Piece::Escaped(name) => {
                    text.push_str(&format!("${{{name}}}"));
                    kept.push_str(&format!("${{!{name}}}"));
                }
                Piece::Name(name) => {
                    let inner = path.key(name);
                    let folded = match (variables.get(name), name.split_once('.')) {
                        (Some(variable), _) => self.required(&inner, variable)?,
                        (None, Some((resource, attribute))) => self.attribute(&inner, resource, attribute)?,
                        (None, None) => self.required(&inner, &Value::reference(name))?,
                    };
                    match &folded {
                        Value::Fn(function) => {
                            remains = true;
                            match function.as_ref() {
                                Intrinsic::Ref(id) => kept.push_str(&format!("${{{id}}}")),
                                Intrinsic::GetAtt { resource, attribute } => {
                                    kept.push_str(&format!("${{{resource}.{attribute}}}"));
                                }
                                _ => {
                                    kept.push_str(&format!("${{{name}}}"));
                                    left.insert(name.to_owned(), folded);
                                }
                            }
                        }
                        _ => {
                            let value = scalar(&folded).ok_or_else(|| {
                                EvaluateError::new(inner.to_string(), "substitutes text only")
                            })?;
                            text.push_str(&value);
                            kept.push_str(&value.replace("${", "${!"));
                        }
                    }
                }
            }
        }
        if remains {
            return Ok(Intrinsic::Sub { template: kept, variables: left }.into());
        }
        Ok(Value::String(text))
    }

    fn find_in_map(
        &self,
        path: &Path<'_>,
        map: &Value,
        top: &Value,
        second: &Value,
    ) -> Result<Value, EvaluateError> {
        let map = self.text(&path.index(0), map)?;
        let top = self.text(&path.index(1), top)?;
        let second = self.text(&path.index(2), second)?;
        match (map, top, second) {
            (Ok(map), Ok(top), Ok(second)) => self
                .template
                .mappings
                .get(&map)
                .and_then(|entries| entries.get(&top))
                .and_then(|entries| entries.get(&second))
                .cloned()
                .ok_or_else(|| {
                    EvaluateError::new(
                        path.to_string(),
                        format!("the mapping `{map}` has no entry `{top}.{second}`"),
                    )
                }),
            (map, top, second) => {
                let value = |text: Result<String, Value>| text.map_or_else(|value| value, Value::from);
                let (map, top, second) = (value(map), value(top), value(second));
                Ok(Intrinsic::FindInMap { map, top, second }.into())
            }
        }
    }

    fn cidr(
        &self,
        path: &Path<'_>,
        block: &Value,
        count: &Value,
        bits: &Value,
    ) -> Result<Value, EvaluateError> {
        let block = self.required(&path.index(0), block)?;
        let count = self.required(&path.index(1), count)?;
        let bits = match bits {
            // Without a third argument CloudFormation cuts pieces of 8 host bits.
            Value::Null => Value::Int(8),
            bits => self.required(&path.index(2), bits)?,
        };
        if [&block, &count, &bits].iter().any(|value| has_function(value)) {
            return Ok(Intrinsic::Cidr { block, count, bits }.into());
        }
        let error = |message: &str| EvaluateError::new(path.to_string(), message);
        let block = block.as_str().ok_or_else(|| error("the block must be text"))?;
        let count = count.as_i64().ok_or_else(|| error("the count must be a number"))?;
        let bits = bits.as_i64().ok_or_else(|| error("the host bits must be a number"))?;
        cidr::cut(block, count, bits).map(Value::list).map_err(|message| error(&message))
    }

    fn zones(&self, path: &Path<'_>, region: &Value) -> Result<Value, EvaluateError> {
        let region = self.text(path, region)?;
        let Some(pseudo) = self.pseudo else {
            return Ok(Intrinsic::GetAzs(region.map_or_else(|value| value, Value::from)).into());
        };
        match region {
            Ok(region) if !region.is_empty() && region != pseudo.region => Err(EvaluateError::new(
                path.to_string(),
                format!("the availability zones of `{region}` are not known, only the stack's own"),
            )),
            _ if self.zones.is_empty() => {
                Err(EvaluateError::new(path.to_string(), "the availability zones are not known"))
            }
            _ => Ok(Value::list(self.zones.iter().map(String::as_str))),
        }
    }
}
