//! What holds for all applications: same input, same bytes; workloads do not disturb each other.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;

use seaway_synth::ParameterSource;
use seaway_synth::StackSet;

fn bodies(set: &StackSet) -> BTreeMap<String, String> {
    set.stacks
        .iter()
        .map(|stack| (stack.name.clone(), format!("{}{:?}", stack.body(), stack.parameters)))
        .collect()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for (name, text, environments) in support::FIXTURES {
        for environment in *environments {
            let first = support::stacks(text, environment).unwrap();
            let second = support::stacks(text, environment).unwrap();
            assert_eq!(first.to_json().to_string(), second.to_json().to_string(), "{name}");
            assert_eq!(first.files(), second.files(), "{name}");
        }
    }
}

#[test]
fn every_stack_stands_after_those_it_depends_on_and_finds_its_parameters() {
    for (name, text, environments) in support::FIXTURES {
        let set = support::stacks(text, environments[0]).unwrap();
        let mut before: BTreeMap<&str, &seaway_synth::StackSpec> = BTreeMap::new();
        for stack in &set.stacks {
            for needed in &stack.depends_on {
                assert!(before.contains_key(needed.as_str()), "{name}: {} before {needed}", stack.name);
            }
            let parameters: Vec<&String> = stack.template.parameters.keys().collect();
            assert_eq!(parameters, stack.parameters.keys().collect::<Vec<_>>(), "{name}: {}", stack.name);
            for (parameter, source) in &stack.parameters {
                if let ParameterSource::Output { stack: other, output } = source {
                    assert!(
                        stack.depends_on.contains(other),
                        "{name}: {} does not depend on {other}",
                        stack.name
                    );
                    assert!(
                        before[other.as_str()].template.outputs.contains_key(output),
                        "{name}: {}.{parameter}: {other} has no output {output}",
                        stack.name
                    );
                }
            }
            before.insert(&stack.name, stack);
        }
    }
}

#[test]
fn the_order_of_the_file_changes_no_other_stack() {
    let services = [
        "  web: { image: a, ports: ['80:80'], x-routes: [{ path: /a }] }\n",
        "  api: { image: b, ports: ['81:81'], x-routes: [{ path: /b, host: x.example.com }] }\n",
        "  job: { image: c, x-job: '@daily' }\n",
        "  db: { image: d, ports: ['5432'] }\n",
    ];
    let file = |order: &[usize]| {
        let mut text = "name: order\nservices:\n".to_owned();
        for index in order {
            text.push_str(services[*index]);
        }
        text
    };
    // The platform carries the port that the first public service publishes on this machine.
    let others = |text: &str| {
        let mut bodies = bodies(&support::stacks(text, "local").unwrap());
        bodies.remove("order-local-platform");
        bodies
    };
    let expected = others(&file(&[0, 1, 2, 3]));
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(others(&file(&order)), expected);
    }
    // One more service with a route changes nobody's priority.
    let more = format!(
        "{}  new: {{ image: e, ports: ['82:82'], x-routes: [{{ path: /c }}] }}\n",
        file(&[0, 1, 2, 3])
    );
    let more = others(&more);
    for (name, body) in expected {
        assert_eq!(more[&name], body, "{name}");
    }
}

#[test]
fn one_variable_touches_one_stack() {
    let text = support::FIXTURES[1].1;
    let before = bodies(&support::stacks(text, "staging").unwrap());
    let after =
        bodies(&support::stacks(&text.replace("GREETING: hello", "GREETING: ahoy"), "staging").unwrap());
    let changed: Vec<&String> =
        before.iter().filter(|(name, body)| after[*name] != **body).map(|(name, _)| name).collect();
    assert_eq!(changed, ["shop-staging-web"]);
}

#[test]
fn many_queues_are_split_over_stacks() {
    let mut text = "name: many\nservices:\n  a: { image: a }\nx-sqs:\n".to_owned();
    for number in 0..100 {
        let target = 99 - number;
        let policy = if number < 20 {
            format!(
                "Properties: {{ RedrivePolicy: {{ deadLetterTargetArn: q{target}, maxReceiveCount: 2 }} }}, "
            )
        } else {
            String::new()
        };
        let _ = writeln!(text, "  q{number}: {{ {policy}Services: {{ a: {{ Access: Publish }} }} }}");
    }
    // A hundred queues have 200 values: more than a stack may have parameters, and it says so.
    let error = support::stacks(&text, "local").unwrap_err();
    assert!(error.contains("SW0503") && error.contains("parameters"), "{error}");
    let set = support::stacks(&text.replace("Services: { a: { Access: Publish } }", "Services: {}"), "local")
        .unwrap();
    let names: Vec<&str> = set
        .stacks
        .iter()
        .map(|stack| stack.name.as_str())
        .filter(|name| name.contains("resources"))
        .collect();
    assert_eq!(names, ["many-local-resources", "many-local-resources-2", "many-local-resources-3"]);
}

#[test]
fn a_thousand_services_are_a_thousand_stacks() {
    let mut text = "name: big\nservices:\n".to_owned();
    for number in 0..1_000 {
        let before = if number > 0 { format!(", depends_on: [s{}]", number - 1) } else { String::new() };
        let _ = writeln!(
            text,
            "  s{number}: {{ image: a, ports: ['{0}:8080'], x-routes: [{{ path: /s{number} }}]{before} }}",
            10_000 + number
        );
    }
    let set = support::stacks(&text, "local").unwrap();
    assert_eq!(set.stacks.len(), 1_002);
    assert_eq!(set.stacks.last().unwrap().name, "big-local-s999");
}

#[test]
fn secrets_are_named_and_never_valued() {
    // The loader never reads a secret's value; its name is all that the templates have.
    let set = support::stacks(support::FIXTURES[1].1, "production").unwrap();
    let (stack, spec) = set.workload("api").unwrap();
    assert_eq!(spec.secrets, ["/shop/production/DATABASE_URL", "shop/production/api"]);
    assert!(stack.body().contains("parameter/shop/production/DATABASE_URL"));
    assert!(stack.body().contains("secret:shop/production/api-??????"));
}

#[test]
fn wrong_resources_are_found() {
    for (code, at, resources) in [
        ("SW0401", "VisibilityTimout", "q: { Properties: { VisibilityTimout: 3 } }"),
        ("SW0402", "from 0 to 43200", "q: { Properties: { VisibilityTimeout: 50000 } }"),
        (
            "SW0402",
            "maxReceiveCount",
            "q: { Properties: { RedrivePolicy: { deadLetterTargetArn: d } } }, d: {}",
        ),
        ("SW0402", "cannot name", "q: { Properties: { QueueName: a.fifo } }"),
        (
            "SW0403",
            "not there",
            "q: { Properties: { RedrivePolicy: { deadLetterTargetArn: x, maxReceiveCount: 1 } } }",
        ),
        (
            "SW0403",
            "its own",
            "q: { Properties: { RedrivePolicy: { deadLetterTargetArn: q, maxReceiveCount: 1 } } }",
        ),
        (
            "SW0403",
            "different kinds",
            "q: { Properties: { FifoQueue: true, RedrivePolicy: { deadLetterTargetArn: d, maxReceiveCount: 1 } } }, d: {}",
        ),
        ("SW0404", "RWMessage", "q: { Services: { a: { Access: RWMessage } } }"),
        ("SW0405", "QueueUri", "q: { Services: { a: { Access: Publish, ReturnValues: { QueueUri: X } } } }"),
        (
            "SW0406",
            "`X` of `a`",
            "q: { Services: { a: { Access: Publish, ReturnValues: { QueueUrl: X } } } }",
        ),
        ("SW0409", "not looked up", "q: { Lookup: { Tags: {} } }"),
        ("SW0409", "made and looked up", "q: { Lookup: { Tags: {} }, Properties: { DelaySeconds: 1 } }"),
        ("SW0410", "Acces", "q: { Services: { a: { Acces: Publish } } }"),
        ("SW0411", "do not follow", "q: { Services: { a: { Access: Consume, Scaling: { Steps: [] } } } }"),
        ("SW0401", "Propertie", "q: { Propertie: {} }"),
    ] {
        let text = format!(
            "name: app\nservices: {{ a: {{ image: a, environment: {{ X: y }} }} }}\nx-sqs: {{ {resources} }}\n"
        );
        let error = support::stacks(&text, "local").unwrap_err();
        assert!(error.contains(code) && error.contains(at), "{code} {at}: {error}");
    }
}

/// What a role of a workload allows: action → resources.
#[allow(clippy::unwrap_used, reason = "a helper of tests")]
fn allowed(set: &StackSet, workload: &str, policy: &str) -> BTreeMap<String, Vec<String>> {
    let template = set.workload(workload).unwrap().0.template.to_json();
    let mut allowed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let policies =
        template["Resources"]["TaskRole"]["Properties"]["Policies"].as_array().cloned().unwrap_or_default();
    for statement in policies
        .iter()
        .filter(|found| found["PolicyName"] == policy)
        .flat_map(|found| found["PolicyDocument"]["Statement"].as_array().unwrap())
    {
        for action in statement["Action"].as_array().unwrap() {
            let resources = statement["Resource"].as_array().unwrap().iter().map(ToString::to_string);
            allowed.entry(action.as_str().unwrap().to_owned()).or_default().extend(resources);
        }
    }
    allowed
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]
    #[test]
    fn roles_grant_exactly_the_declared_edges(
        edges in proptest::collection::vec((0..support::edges::SIMPLE.len(), 0_usize..3, 0_usize..16), 0..24),
    ) {
        let (text, granted) = support::edges::file(&edges);
        let set = support::stacks(&text, "local").unwrap();
        for service in 0..3 {
            let mut expected: BTreeMap<String, usize> = BTreeMap::new();
            for ((_, _), level) in granted.iter().filter(|((_, owner), _)| *owner == service) {
                for action in level.actions {
                    *expected.entry((*action).to_owned()).or_default() += level.on.len();
                }
            }
            let found: BTreeMap<String, usize> = allowed(&set, &format!("s{service}"), "resources")
                .into_iter()
                .inspect(|(action, resources)| {
                    assert!(!action.contains('*') && !resources.iter().any(|arn| arn == "\"*\""), "{action}");
                })
                .map(|(action, resources)| (action, resources.len()))
                .collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn names_that_would_meet_are_refused() {
    let text = "name: app\nservices: { a: { image: a } }\nx-kms: { main: { MacroParameters: { Alias: a } }, main-alias: {} }\n";
    let error = support::stacks(text, "local").unwrap_err();
    assert!(error.contains("SW0504") && error.contains("KeyMainAlias"), "{error}");
}

#[test]
fn what_is_there_already_is_used_and_not_made() {
    let lookups = r#"{"*": {"x-s3": {"old": {"Arn": "arn:aws:s3:::old", "BucketName": "old"}}}}"#;
    let text = "name: app\nservices: { a: { image: a } }\nx-s3: { old: { Lookup: { Tags: { a: b } }, Services: { a: { Access: ReadOnly } } } }\n";
    let set = support::stacks_beside(text, "local", &[("seaway.lookups.json", lookups)]).unwrap();
    assert!(!set.stacks.iter().any(|stack| stack.name.contains("resources")));
    let found = allowed(&set, "a", "resources");
    assert_eq!(found["s3:GetObject"], ["\"arn:aws:s3:::old/*\""]);
    assert!(set.workload("a").unwrap().0.body().contains("OLD_BUCKET"));
}

#[test]
fn the_value_of_a_parameter_comes_from_a_file() {
    let text = "name: app\nservices: { a: { image: a } }\nx-ssm_parameter: { p: { MacroParameters: { FromFile: ./p.yaml, RenderToJson: true } } }\n";
    let set = support::stacks_beside(text, "local", &[("p.yaml", "a: [1, two]\n")]).unwrap();
    let stack = set.stacks.iter().find(|stack| stack.name.ends_with("resources")).unwrap();
    let value = stack.template.resources["ParameterP"].properties["Value"].as_str();
    assert_eq!(value, Some(r#"{"a":[1,"two"]}"#));
    let error = support::stacks(text, "local").unwrap_err();
    assert!(error.contains("was not read"), "{error}");
}
