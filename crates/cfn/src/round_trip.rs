//! What is written is read back, whatever it is.

use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::json;

use crate::Intrinsic;
use crate::Output;
use crate::Parameter;
use crate::Resource;
use crate::Template;
use crate::Value;

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9]{0,6}"
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,12}"
}

fn map(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = IndexMap<String, Value>> {
    // A lower-case first letter: `Ref` and `Fn::…` as keys would be functions.
    prop::collection::vec(("[a-z][A-Za-z0-9 .:]{0,5}", inner), 0..4)
        .prop_map(|entries| entries.into_iter().collect())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        // Quarters are exact in JSON whatever the parser does.
        (-1_000_000i32..1_000_000).prop_map(|number| Value::Float(f64::from(number) / 4.0)),
        text().prop_map(Value::String),
        name().prop_map(Value::reference),
        (name(), "[A-Za-z]{1,5}(\\.[A-Za-z]{1,5})?")
            .prop_map(|(id, attribute)| Value::get_att(id, attribute)),
        text().prop_map(Value::sub),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let pair = (inner.clone(), inner.clone());
        let triple = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            list.clone().prop_map(Value::List),
            map(inner.clone()).prop_map(Value::Map),
            (text(), map(inner.clone()).prop_filter("the short form", |variables| !variables.is_empty()))
                .prop_map(|(template, variables)| Intrinsic::Sub { template, variables }.into()),
            (text(), list.clone()).prop_map(|(delimiter, values)| Intrinsic::Join {
                delimiter,
                values: Value::List(values)
            }
            .into()),
            pair.clone().prop_map(|(index, list)| Intrinsic::Select { index, list }.into()),
            (text(), inner.clone())
                .prop_map(|(delimiter, source)| Intrinsic::Split { delimiter, source }.into()),
            (name(), pair.clone()).prop_map(|(condition, (then, otherwise))| Intrinsic::If {
                condition,
                then,
                otherwise
            }
            .into()),
            triple.clone().prop_map(|(map, top, second)| Intrinsic::FindInMap { map, top, second }.into()),
            (inner.clone(), inner.clone(), 1i64..32).prop_map(|(block, count, bits)| Intrinsic::Cidr {
                block,
                count,
                bits: bits.into()
            }
            .into()),
            pair.clone()
                .prop_map(|(block, count)| Intrinsic::Cidr { block, count, bits: Value::Null }.into()),
            inner.clone().prop_map(|value| Intrinsic::GetAzs(value).into()),
            inner.clone().prop_map(|value| Intrinsic::ImportValue(value).into()),
            inner.clone().prop_map(|value| Intrinsic::Base64(value).into()),
            pair.prop_map(|(left, right)| Intrinsic::Equals(left, right).into()),
            list.clone().prop_map(|values| Intrinsic::And(values).into()),
            list.prop_map(|values| Intrinsic::Or(values).into()),
            inner.clone().prop_map(|value| Intrinsic::Not(value).into()),
            ("Fn::X[a-z]{1,5}", inner)
                .prop_map(|(name, argument)| Intrinsic::Other { name, argument }.into()),
        ]
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    (
        name(),
        map(value()),
        prop::collection::vec(name(), 0..3),
        prop::option::of(name()),
        prop::option::of(name()),
        prop::option::of(name()),
        map(value()),
    )
        .prop_map(
            |(kind, properties, depends_on, condition, deletion_policy, update_replace_policy, extra)| {
                Resource {
                    kind,
                    properties,
                    depends_on,
                    condition,
                    deletion_policy,
                    update_replace_policy,
                    extra,
                }
            },
        )
}

fn parameter() -> impl Strategy<Value = Parameter> {
    (name(), prop::option::of(text()), prop::option::of(text()), map(value()))
        .prop_map(|(kind, default, description, extra)| Parameter { kind, default, description, extra })
}

fn output() -> impl Strategy<Value = Output> {
    (value(), prop::option::of(text()), prop::option::of(name()), prop::option::of(value()))
        .prop_map(|(value, description, condition, export)| Output { value, description, condition, export })
}

fn section<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = IndexMap<String, T>> {
    prop::collection::vec((name(), item), 0..3).prop_map(|entries| entries.into_iter().collect())
}

fn template() -> impl Strategy<Value = Template> {
    let conditions = section(prop_oneof![
        name().prop_map(|name| Intrinsic::Condition(name).into()),
        value().prop_map(|value| Intrinsic::Not(value).into()),
    ]);
    (
        prop::option::of(text()),
        map(value()),
        section(parameter()),
        section(value()),
        conditions,
        prop::option::of(value()),
        section(resource()),
        section(output()),
    )
        .prop_map(
            |(description, metadata, parameters, mappings, conditions, transform, resources, outputs)| {
                Template {
                    description,
                    metadata,
                    parameters,
                    mappings,
                    conditions,
                    transform,
                    resources,
                    outputs,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn templates(template in template()) {
        for pretty in [false, true] {
            let text = template.to_json_string(pretty);
            let read = Template::from_json(&text);
            prop_assert_eq!(read.as_ref(), Ok(&template));
            // The order of keys counts for bytes, not for equality.
            prop_assert_eq!(read.map(|read| read.to_json_string(pretty)), Ok(text));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Template::from_json(&text);
    }

    #[test]
    fn a_template_is_the_same_as_itself(template in template()) {
        let none = IndexMap::new();
        let diff = crate::diff::diff(&template, &none, &template, &none);
        prop_assert!(diff.is_empty() && !diff.other, "{:?}", diff);
    }
}

#[test]
fn sections_stand_in_their_order() {
    let template = Template::from_json(
        r#"{"Outputs": {"O": {"Export": {"Name": "n"}, "Value": "v", "Condition": "C", "Description": "d"}},
            "Resources": {"R": {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "Retain", "Properties": {"B": 1, "A": {"Fn::GetAtt": "X.Y.Z"}},
                "CreationPolicy": {"X": 1}, "DependsOn": "Q", "Condition": "C", "Type": "T"}},
            "Transform": "T", "Conditions": {"C": {"Condition": "D"}}, "Mappings": {"M": {"a": {"b": "c"}}},
            "Parameters": {"P": {"NoEcho": true, "Description": "d", "Default": 8, "Type": "Number"}},
            "Metadata": {"Condition": "an ordinary key"}, "Description": "d", "AWSTemplateFormatVersion": "2010-09-09"}"#,
    )
    .unwrap();
    assert_eq!(
        template.to_json_string(false),
        concat!(
            r#"{"AWSTemplateFormatVersion":"2010-09-09","Description":"d","Metadata":{"Condition":"an ordinary key"},"#,
            r#""Parameters":{"P":{"Type":"Number","Default":"8","Description":"d","NoEcho":true}},"#,
            r#""Mappings":{"M":{"a":{"b":"c"}}},"Conditions":{"C":{"Condition":"D"}},"Transform":"T","#,
            r#""Resources":{"R":{"Type":"T","Condition":"C","DependsOn":["Q"],"DeletionPolicy":"Retain","#,
            r#""UpdateReplacePolicy":"Retain","CreationPolicy":{"X":1},"#,
            r#""Properties":{"B":1,"A":{"Fn::GetAtt":["X","Y.Z"]}}}},"#,
            r#""Outputs":{"O":{"Description":"d","Condition":"C","Value":"v","Export":{"Name":"n"}}}}"#
        )
    );
    assert!(template.to_json_string(true).ends_with("  }\n}\n"));
}

#[test]
fn every_fault_has_its_path() {
    let error = Template::from_json(
        &json!({
            "AWSTemplateFormatVersion": "2011",
            "Extra": 1,
            "Parameters": {"P": {}},
            "Resources": {
                "A": [],
                "B": {"Type": 7},
                "C": {"Type": "T", "DependsOn": [1], "Properties": {
                    "X": [{"Ref": 1}, {"Fn::GetAtt": "NoDot"}],
                    "Y": {"Fn::Join": ["", "text"]},
                    "Z": {"Fn::If": ["A"]},
                    "Other": {"Fn::Fresh": {"a": 1}}
                }}
            },
            "Outputs": {"O": {"Export": {}}}
        })
        .to_string(),
    )
    .unwrap_err();
    let lines: Vec<String> =
        error.problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
    assert_eq!(
        lines,
        [
            "AWSTemplateFormatVersion: must be the string `2010-09-09`",
            "Extra: not a section of a template",
            "Parameters.P.Type: missing",
            "Resources.A: expected an object, found a list",
            "Resources.B.Type: expected a string, found a number",
            "Resources.C.DependsOn[0]: expected a string, found a number",
            "Resources.C.Properties.X[0].Ref: expected the name of a parameter or resource",
            "Resources.C.Properties.X[1].Fn::GetAtt: expected `Resource.Attribute`",
            "Resources.C.Properties.Y.Fn::Join: expected a list of a delimiter and a list",
            "Resources.C.Properties.Z.Fn::If: expected a list of a condition name and two values",
            "Outputs.O.Value: missing",
            "Outputs.O.Export: expected an object with `Name`",
        ]
    );
    let error = Template::from_json("{").unwrap_err();
    assert!(error.to_string().starts_with("read the template: not JSON: EOF"), "{error}");
    assert_eq!(Template::from_json("[]").unwrap_err().problems.len(), 1);
}
