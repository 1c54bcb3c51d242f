//! Every function, in rows.

use indexmap::IndexMap;
use serde_json::Value as Json;
use serde_json::json;

use super::*;
use crate::Template;
use crate::Value;

const TEMPLATE: &str = r#"{
  "Parameters": {
    "Name": {"Type": "String"},
    "Size": {"Type": "Number", "Default": 3},
    "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>", "Default": "subnet-1, subnet-2"},
    "Empty": {"Type": "CommaDelimitedList", "Default": ""},
    "Ami": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/ami"}
  },
  "Mappings": {"Regions": {"eu-west-1": {"Ami": "ami-1", "Zones": ["a", "b"]}}},
  "Conditions": {
    "IsProd": {"Fn::Equals": [{"Ref": "Name"}, "prod"]},
    "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
    "Big": {"Fn::Equals": [{"Ref": "Size"}, 3]},
    "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "Big"}]},
    "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "Big"}]},
    "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Loop": {"Fn::Not": [{"Condition": "Pool"}]},
    "Pool": {"Fn::And": [{"Condition": "Loop"}, {"Condition": "Big"}]}
  },
  "Resources": {
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}, "Tags": {"Ref": "AWS::NoValue"}}},
    "Later": {"Type": "AWS::SQS::Queue", "Properties": {"A": {"Ref": "Later"}, "B": {"Fn::GetAtt": "Off.Arn"}}},
    "Off": {"Type": "AWS::SQS::Queue", "Condition": "IsProd"}
  },
  "Outputs": {
    "Url": {"Value": {"Ref": "Queue"}},
    "Size": {"Value": {"Ref": "Size"}},
    "OnlyProd": {"Condition": "IsProd", "Value": {"Ref": "Off"}}
  }
}"#;

struct Resources;

impl Resolve for Resources {
    fn reference(&self, id: &str) -> Option<String> {
        (id == "Queue").then(|| "https://queue".to_owned())
    }

    fn attribute(&self, id: &str, attribute: &str) -> Option<String> {
        (id == "Queue" && attribute == "Arn").then(|| "arn:aws:sqs:q".to_owned())
    }

    fn attribute_list(&self, id: &str, attribute: &str) -> Option<Vec<String>> {
        (id == "Queue" && attribute == "Names").then(|| vec!["a".to_owned(), "b".to_owned()])
    }

    fn ssm_parameter(&self, name: &str) -> Option<String> {
        (name == "/ami").then(|| "ami-7".to_owned())
    }
}

fn pseudo() -> PseudoParameters {
    PseudoParameters::new("eu-west-1", "123456789012", "shop-dev-web", "arn:stack")
}

fn with_evaluator<T>(use_it: impl FnOnce(&Evaluator<'_>) -> T) -> T {
    let template = Template::from_json(TEMPLATE).unwrap();
    let parameters = IndexMap::from([("Name".to_owned(), "dev".to_owned())]);
    let pseudo = pseudo();
    let evaluator = Evaluator::new(&template, &parameters, &pseudo, &Resources)
        .unwrap()
        .with_zones(vec!["eu-west-1a".to_owned(), "eu-west-1b".to_owned()]);
    use_it(&evaluator)
}

fn evaluate(json: Json) -> Result<Option<Json>, String> {
    let value = Value::from_json(&json).unwrap();
    with_evaluator(|evaluator| evaluator.value("", &value)).map_err(|error| error.to_string())
}

#[test]
fn values() {
    let rows = [
        (json!("text"), json!("text")),
        (json!(7), json!(7)),
        (json!(2.5), json!(2.5)),
        (json!(true), json!(true)),
        (json!(null), json!(null)),
        (json!({"Ref": "Name"}), json!("dev")),
        (json!({"Ref": "Size"}), json!("3")),
        (json!({"Ref": "Subnets"}), json!(["subnet-1", "subnet-2"])),
        (json!({"Ref": "Empty"}), json!([])),
        (json!({"Ref": "Ami"}), json!("ami-7")),
        (json!({"Ref": "Queue"}), json!("https://queue")),
        (json!({"Ref": "AWS::Region"}), json!("eu-west-1")),
        (json!({"Ref": "AWS::AccountId"}), json!("123456789012")),
        (json!({"Ref": "AWS::Partition"}), json!("aws")),
        (json!({"Ref": "AWS::URLSuffix"}), json!("amazonaws.com")),
        (json!({"Ref": "AWS::StackName"}), json!("shop-dev-web")),
        (json!({"Ref": "AWS::StackId"}), json!("arn:stack")),
        (json!({"Ref": "AWS::NotificationARNs"}), json!([])),
        (json!({"a": {"Ref": "AWS::NoValue"}, "b": 1}), json!({"b": 1})),
        (json!(["a", {"Ref": "AWS::NoValue"}, "b"]), json!(["a", "b"])),
        (json!({"Fn::GetAtt": ["Queue", "Arn"]}), json!("arn:aws:sqs:q")),
        (json!({"Fn::GetAtt": "Queue.Arn"}), json!("arn:aws:sqs:q")),
        (json!({"Fn::GetAtt": "Queue.Names"}), json!(["a", "b"])),
        (
            json!({"Fn::Sub": "${Name}:${Queue.Arn}:${AWS::Region}:${!Keep}"}),
            json!("dev:arn:aws:sqs:q:eu-west-1:${Keep}"),
        ),
        (json!({"Fn::Sub": ["${A}-${Name}", {"A": {"Fn::Join": ["+", ["x", 1]]}}]}), json!("x+1-dev")),
        (json!({"Fn::Sub": ["${Name}", {"Name": "mine"}]}), json!("mine")),
        (json!({"Fn::Join": [",", {"Ref": "Subnets"}]}), json!("subnet-1,subnet-2")),
        (json!({"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, true, 2]]}), json!("a-true-2")),
        (json!({"Fn::Join": ["", []]}), json!("")),
        (json!({"Fn::Select": [1, {"Ref": "Subnets"}]}), json!("subnet-2")),
        (json!({"Fn::Select": ["0", {"Fn::GetAZs": ""}]}), json!("eu-west-1a")),
        (json!({"Fn::Select": [0, [{"a": 1}]]}), json!({"a": 1})),
        (json!({"Fn::GetAZs": {"Ref": "AWS::Region"}}), json!(["eu-west-1a", "eu-west-1b"])),
        (json!({"Fn::Split": [":", {"Fn::GetAtt": "Queue.Arn"}]}), json!(["arn", "aws", "sqs", "q"])),
        (json!({"Fn::Split": [",", ""]}), json!([""])),
        (json!({"Fn::If": ["IsDev", "yes", {"Ref": "Nothing"}]}), json!("yes")),
        (json!({"Fn::If": ["IsProd", {"Ref": "Off"}, "no"]}), json!("no")),
        (json!({"a": {"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]}}), json!({})),
        (json!({"Fn::If": ["Both", 1, 2]}), json!(2)),
        (json!({"Fn::If": ["Either", 1, 2]}), json!(1)),
        (json!({"Fn::If": ["Here", 1, 2]}), json!(1)),
        (json!({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "Ami"]}), json!("ami-1")),
        (json!({"Fn::FindInMap": ["Regions", "eu-west-1", "Zones"]}), json!(["a", "b"])),
        (json!({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}), json!(["10.0.0.0/24", "10.0.1.0/24"])),
        (json!({"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", "2", "4"]}]}), json!("10.0.0.16/28")),
        (json!({"Fn::Cidr": ["10.0.0.0/16", 1]}), json!(["10.0.0.0/24"])),
        (json!({"Fn::Base64": {"Fn::Sub": "hi ${Name}"}}), json!("aGkgZGV2")),
        (json!([{"x": [{"Ref": "Name"}]}]), json!([{"x": ["dev"]}])),
    ];
    for (given, expected) in rows {
        assert_eq!(evaluate(given.clone()), Ok(Some(expected)), "{given}");
    }
    assert_eq!(evaluate(json!({"Ref": "AWS::NoValue"})), Ok(None));
}

#[test]
fn faults() {
    let rows = [
        (json!({"Ref": "Nope"}), "Ref: `Nope` is neither a parameter nor a resource"),
        (json!({"a": [{"Ref": "Later"}]}), "a[0].Ref: the resource `Later` does not exist yet"),
        (json!({"Ref": "Off"}), "Ref: the resource `Off` is not created: its condition `IsProd` is false"),
        (json!({"Ref": "AWS::Nope"}), "Ref: `AWS::Nope` is not a pseudo parameter"),
        (json!({"Fn::GetAtt": "Queue.Nope"}), "Fn::GetAtt: the resource `Queue` has no attribute `Nope`"),
        (json!({"Fn::GetAtt": "Later.Arn"}), "Fn::GetAtt: the resource `Later` does not exist yet"),
        (json!({"Fn::Sub": "${Nope}"}), "Fn::Sub.Nope.Ref: `Nope` is neither a parameter nor a resource"),
        (json!({"Fn::Sub": "${Subnets}"}), "Fn::Sub.Subnets: substitutes text only"),
        (json!({"Fn::Join": [",", [["a"]]]}), "Fn::Join: joins text only"),
        (json!({"Fn::Join": [",", {"Ref": "Name"}]}), "Fn::Join[1]: expected a list"),
        (json!({"Fn::Select": [2, {"Ref": "Subnets"}]}), "Fn::Select: no item 2 in a list of 2"),
        (json!({"Fn::Select": [-1, ["a"]]}), "Fn::Select: no item -1 in a list of 1"),
        (json!({"Fn::Select": ["x", ["a"]]}), "Fn::Select: the index must be a number"),
        (json!({"Fn::Split": ["", "a"]}), "Fn::Split: the delimiter must not be empty"),
        (json!({"Fn::Split": [",", ["a"]]}), "Fn::Split[1]: expected text"),
        (json!({"Fn::If": ["Nope", 1, 2]}), "Fn::If: the condition `Nope` does not exist"),
        (
            json!({"Fn::If": ["Loop", 1, 2]}),
            "Conditions.Pool.Fn::And[0].Condition: the condition `Loop` refers to itself",
        ),
        (
            json!({"Fn::FindInMap": ["Regions", "x", "Ami"]}),
            "Fn::FindInMap: the mapping `Regions` has no entry `x.Ami`",
        ),
        (json!({"Fn::Cidr": ["x", 1, 8]}), "Fn::Cidr: `x` is not a CIDR block"),
        (
            json!({"Fn::GetAZs": "us-east-1"}),
            "Fn::GetAZs: the availability zones of `us-east-1` are not known, only the stack's own",
        ),
        (json!({"Fn::ImportValue": "x"}), "Fn::ImportValue: exports are not supported"),
        (json!({"Fn::Transform": {"Name": "x"}}), "Fn::Transform: this function is not supported"),
        (json!({"Fn::Equals": ["a", "b"]}), "Fn::Equals: stands in conditions only"),
    ];
    for (given, expected) in rows {
        assert_eq!(evaluate(given.clone()), Err(expected.to_owned()), "{given}");
    }
}

#[test]
fn conditions() {
    with_evaluator(|evaluator| {
        for (name, expected) in
            [("IsProd", false), ("IsDev", true), ("Big", true), ("Both", false), ("Either", true)]
        {
            assert_eq!(evaluator.condition(name), Ok(expected), "{name}");
        }
        assert_eq!(evaluator.is_created("Off"), Ok(false));
        assert_eq!(evaluator.is_created("Queue"), Ok(true));
        assert!(evaluator.is_created("Nope").is_err());
        // Two conditions that wait for each other: each is reported.
        assert_eq!(evaluator.conditions().unwrap_err().len(), 2);
    });
}

#[test]
fn properties_and_outputs() {
    with_evaluator(|evaluator| {
        let properties = evaluator.properties("Queue").unwrap();
        assert_eq!(Json::Object(properties), json!({"QueueName": "dev"}));
        let errors = evaluator.properties("Later").unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "Resources.Later.Properties.A.Ref: the resource `Later` does not exist yet",
                "Resources.Later.Properties.B.Fn::GetAtt: the resource `Off` is not created: its condition `IsProd` is false",
            ]
        );
        let outputs = evaluator.outputs().unwrap();
        assert_eq!(
            Vec::from_iter(outputs),
            [("Url".to_owned(), "https://queue".to_owned()), ("Size".to_owned(), "3".to_owned())]
        );
    });
}

#[test]
fn an_output_must_be_text() {
    let template = Template::from_json(
        r#"{"Resources": {}, "Outputs": {"A": {"Value": ["x"]}, "B": {"Value": {"Ref": "C"}}, "D": {"Value": "d"}}}"#,
    )
    .unwrap();
    let pseudo = pseudo();
    let evaluator = Evaluator::new(&template, &IndexMap::new(), &pseudo, &Resources).unwrap();
    let errors = evaluator.outputs().unwrap_err();
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "Outputs.A.Value: an output must be text",
            "Outputs.B.Value.Ref: `C` is neither a parameter nor a resource"
        ]
    );
}

#[test]
fn parameters_are_checked_all_at_once_and_values_are_not_repeated() {
    let template = Template::from_json(
        r#"{"Resources": {}, "Parameters": {
            "Missing": {"Type": "String"},
            "Choice": {"Type": "String", "AllowedValues": ["a", "b"]},
            "Number": {"Type": "Number", "MaxValue": 5},
            "NotANumber": {"Type": "Number"},
            "Short": {"Type": "String", "MinLength": 8, "NoEcho": true},
            "Fine": {"Type": "String", "MaxLength": "3"}
        }}"#,
    )
    .unwrap();
    let given = [
        ("Choice", "c"),
        ("Number", "6"),
        ("NotANumber", "x"),
        ("Short", "hunter2"),
        ("Fine", "abc"),
        ("Unknown", "1"),
    ];
    let given = given.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let pseudo = pseudo();
    let Err(errors) = Evaluator::new(&template, &given, &pseudo, &Resources) else {
        panic!("six faults were accepted");
    };
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "Parameters.Missing: has no value and no default",
            "Parameters.Choice: must be one of a, b",
            "Parameters.Number: must be at most 5",
            "Parameters.NotANumber: must be a number",
            "Parameters.Short: must have at least 8 characters",
            "Parameters.Unknown: not in the template",
        ]
    );
}

#[test]
fn a_lenient_scope_keeps_what_it_does_not_know() {
    let template = Template::from_json(TEMPLATE).unwrap();
    let parameters = IndexMap::from([("Name".to_owned(), "${x}".to_owned())]);
    let scope = Scope::lenient(&template, &parameters);
    for (given, expected) in [
        (json!({"Ref": "Queue"}), json!({"Ref": "Queue"})),
        (json!({"Ref": "AWS::Region"}), json!({"Ref": "AWS::Region"})),
        (
            json!({"Fn::Sub": ["${Name}-${Size}-${Queue.Arn}-${J}-${!L}", {"J": {"Fn::Join": ["", [{"Ref": "Queue"}, {"Ref": "Size"}]]}}]}),
            json!({"Fn::Sub": ["${!x}-3-${Queue.Arn}-${J}-${!L}", {"J": {"Fn::Join": ["", [{"Ref": "Queue"}, "3"]]}}]}),
        ),
        (json!({"Fn::If": ["Big", {"Ref": "Size"}, 1]}), json!("3")),
        (
            json!({"Fn::If": ["Here", {"Ref": "Size"}, {"Ref": "AWS::NoValue"}]}),
            json!({"Fn::If": ["Here", "3", {"Ref": "AWS::NoValue"}]}),
        ),
        (
            json!({"Fn::Select": [0, {"Fn::Split": [",", {"Fn::ImportValue": {"Ref": "Size"}}]}]}),
            json!({"Fn::Select": [0, {"Fn::Split": [",", {"Fn::ImportValue": "3"}]}]}),
        ),
        (json!({"Fn::GetAZs": ""}), json!({"Fn::GetAZs": ""})),
    ] {
        let value = Value::from_json(&given).unwrap();
        let folded = scope.fold(&Path::Root(""), &value).unwrap().unwrap();
        assert_eq!(folded.to_json(), expected, "{given}");
    }
}
