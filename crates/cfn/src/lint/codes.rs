//! The codes, one table for the program and for docs/lint.md.

use seaway_diag::Severity;

/// A code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Such as `SW0610`.
    pub id: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it is about.
    pub title: &'static str,
    /// More of it; may be empty.
    pub text: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $title:literal $text:literal)*) => {
        $(
            #[doc = $title]
            pub const $name: Code =
                Code { id: $id, severity: Severity::$severity, title: $title, text: $text };
        )*
        /// All codes, in order.
        pub const ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    SHAPE "SW0600" Error
        "the template's shape"
        "A section or an attribute that templates do not have, or one that is no object."
    LIMIT "SW0601" Error
        "a limit of CloudFormation"
        "More resources, parameters, outputs or bytes than CloudFormation takes, or a name that it refuses."
    TAG "SW0602" Error
        "an unknown tag"
        "`!Name` that is no function of CloudFormation."
    UNKNOWN_TYPE "SW0603" Error
        "an unknown resource type"
        "AWS has no such type. Custom resources (`Custom::…`), modules and types outside of `AWS::` are not looked up."
    POLICY "SW0604" Error
        "a deletion policy that does not exist"
        "`Delete`, `Retain`, `RetainExceptOnCreate` and, for some types, `Snapshot`."
    PARAMETER "SW0605" Error
        "a parameter's declaration"
        "An unknown parameter type, or a default that its own rules refuse."
    OUTPUT "SW0606" Error
        "an output"
        "Its value must be text."
    UNKNOWN_PROPERTY "SW0610" Error
        "an unknown property"
        "The type has no such property."
    TYPE "SW0611" Error
        "a value of the wrong type"
        "Numbers and truth values may be written as strings, as CloudFormation converts them."
    VALUE "SW0612" Error
        "a value that is not allowed"
        "The property takes only the listed values."
    REQUIRED "SW0613" Error
        "a missing property"
        "The property must be there."
    PATTERN "SW0614" Error
        "a text of the wrong form"
        "The text does not match the schema's regular expression, or not the form of an ARN or id."
    LENGTH "SW0615" Error
        "a text that is too short or too long"
        ""
    RANGE "SW0616" Error
        "a number out of range"
        ""
    ITEMS "SW0617" Error
        "too few, too many or repeated items"
        ""
    TOGETHER "SW0618" Error
        "properties that do not go together"
        "Exactly one, at least one, or not beside each other."
    READ_ONLY "SW0619" Error
        "a property that only the resource sets"
        ""
    UNKNOWN_NAME "SW0620" Error
        "a reference to nothing"
        "`Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn` with a name that the template does not have."
    UNKNOWN_ATTRIBUTE "SW0621" Error
        "an unknown attribute"
        "`Fn::GetAtt` of an attribute that the type does not have."
    FUNCTION "SW0622" Error
        "a malformed function"
        "An unknown function, or arguments of the wrong shape."
    REFERENCE "SW0623" Error
        "a reference to the wrong thing"
        "Such as a role's name where its ARN belongs, or a security group where a subnet belongs."
    CYCLE "SW0624" Error
        "resources that wait for each other"
        "CloudFormation cannot order them."
    UNKNOWN_CONDITION "SW0625" Error
        "an unknown condition"
        ""
    UNKNOWN_MAPPING "SW0626" Error
        "an unknown mapping or key"
        ""
    KIND "SW0627" Error
        "a list where a text belongs, or the other way round"
        "What a function returns does not fit the property."
    NOT_SUBSTITUTED "SW0628" Warning
        "`${…}` outside of `Fn::Sub`"
        "The text names something of the template, but stays as it is."
    MAYBE_ABSENT "SW0629" Warning
        "a reference to what may not be there"
        "The target has a condition, the reference does not."
    UNUSED_PARAMETER "SW0630" Warning
        "an unused parameter"
        ""
    UNUSED_CONDITION "SW0631" Warning
        "an unused condition"
        ""
    UNUSED_MAPPING "SW0632" Warning
        "an unused mapping"
        ""
    NEEDLESS "SW0633" Warning
        "a function without use"
        "`Fn::Sub` of a variable that its text does not name."
    NEEDLESS_DEPENDENCY "SW0634" Info
        "a needless `DependsOn`"
        "A reference says the same already."
    NO_RETENTION "SW0640" Info
        "data without a deletion policy"
        "A type that holds data should say what happens to it: `DeletionPolicy` and `UpdateReplacePolicy`."
    PARTITION "SW0641" Info
        "a fixed partition"
        "`arn:aws:` does not work in China and GovCloud: `${AWS::Partition}` does."
    LITERAL_SECRET "SW0642" Warning
        "a password in the template"
        "Use a dynamic reference, a generated secret or a `NoEcho` parameter."
    ACTION "SW0650" Error
        "an IAM action that does not exist"
        "IAM takes it silently, and access is denied at run time."
    ACTION_RESOURCE "SW0651" Error
        "an IAM resource of another service"
        "The actions of the statement never apply to such a resource."
    STATEMENT "SW0652" Error
        "a malformed policy"
        ""
    ACTION_STAR "SW0653" Warning
        "an IAM action that cannot be limited"
        "It only works on the resource `*`."
    FARGATE_SIZE "SW0660" Error
        "no Fargate size"
        "Fargate takes only certain pairs of cpu and memory."
    FARGATE "SW0661" Error
        "what Fargate does not have"
        ""
    TARGET_CONTAINER "SW0662" Error
        "a load balancer's container that the task does not have"
        "Name and port must be those of a container of the task definition."
    TARGET_TYPE "SW0663" Error
        "a target group of the wrong type"
        "Tasks with `awsvpc` are registered by address: `TargetType` must be `ip`."
    LAUNCH_TYPE "SW0664" Error
        "a launch type beside a capacity provider strategy"
        "ECS takes one of them."
    DEADLOCK "SW0665" Error
        "a deployment that cannot move"
        "With these percentages ECS may neither stop an old task nor start a new one."
    CONTAINER "SW0666" Error
        "a container setting out of range"
        ""
    VALUE_FROM "SW0667" Error
        "a malformed secret reference"
        "`ValueFrom` is the name or ARN of a parameter, or a secret's ARN with up to three more fields."
    TASK "SW0668" Error
        "containers that do not fit together"
        ""
    HEALTH_CHECK "SW0669" Error
        "a health check that cannot pass"
        "The timeout must be shorter than the interval."
    SCHEDULE "SW0670" Error
        "a malformed schedule expression"
        "`rate(…)`, `cron(…)` with six fields, or `at(…)`."
    LOGGING "SW0671" Error
        "a log configuration that the driver refuses"
        ""
    NETWORK "SW0672" Error
        "a network mode without its configuration"
        ""
    QUEUE "SW0673" Error
        "a queue that SQS refuses"
        ""
    KEYS "SW0674" Error
        "keys and attributes that do not match"
        ""
    CIDR "SW0675" Error
        "a subnet outside of its network, or over another one"
        ""
    BOUNDS "SW0676" Error
        "a minimum above its maximum"
        ""
    LISTENER "SW0677" Error
        "a listener that the load balancer refuses"
        ""
    FIREWALL "SW0678" Error
        "a security group rule that means something else"
        ""
    BAKE "SW0679" Error
        "a deployment that takes too long"
        "CloudFormation waits at most 36 hours and refuses more than 33 hours of baking."
}

/// Returns docs/lint.md.
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    for code in ALL {
        let text = if code.text.is_empty() { String::new() } else { format!(": {}", code.text) };
        page.push_str(&format!("| {} | {} | {}{text} |\n", code.id, code.severity.as_str(), code.title));
    }
    page
}

const HEAD: &str = "\
# `seaway lint`

Checks CloudFormation templates, JSON or YAML, also those that Seaway did not make:

```sh
seaway lint template.yaml stacks/*.json
seaway lint --format github template.yaml
```

It needs no account and no network. The schemas of all AWS resource types and the list of all IAM
actions are part of the program (`tools/schemas/README.md` says where they come from and how they
are renewed). Findings point at lines of the file. The exit code is 2 when there is an error.

What is looked at: names of properties (with the nearest one), types, values, required properties,
patterns, lengths and ranges; references and attributes, also whether a reference returns what the
property takes; cycles; limits; IAM policies; and what no schema says about ECS, load balancers,
schedules, queues, tables and networks. Text that a function computes is not guessed at.

| code | severity | finding |
|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::ALL;
    use super::markdown;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
    }

    /// `UPDATE_DOCS=1 cargo test -p seaway-cfn codes` writes the page.
    #[test]
    fn the_page_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lint.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), markdown(), "run with UPDATE_DOCS=1");
    }
}
