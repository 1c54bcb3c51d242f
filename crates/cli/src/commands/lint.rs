//! `seaway lint`.

use camino::Utf8PathBuf;
use clap::Args;
use clap::ValueEnum;
use seaway_cfn::lint::codes;
use seaway_cfn::lint::lint;
use seaway_cfn::source::Content;
use seaway_cfn::source::Entry;
use seaway_cfn::source::Node;
use seaway_diag::Diagnostic;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_diag::render;

use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With source lines, for people.
    Text,
    /// An array of objects.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// Check CloudFormation templates, also those that Seaway did not make
///
/// JSON or YAML, against the schemas of all AWS resource types and the rules of ECS, load
/// balancers, IAM and others that no schema holds. No account is needed. Exit code 2 when there is
/// an error.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway lint template.yaml stacks/*.template.json --format github")]
pub(crate) struct LintArgs {
    /// The templates
    #[arg(required = true, value_name = "TEMPLATE")]
    templates: Vec<Utf8PathBuf>,
    /// How to print the findings
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Leave out what is only worth knowing
    #[arg(long)]
    no_info: bool,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &LintArgs) -> CommandResult {
    let mut sources = SourceMap::default();
    let mut sink = Sink::default();
    for path in &args.templates {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CommandError::new(exit::INPUT, format!("failed to read `{path}`: {error}")))?;
        check(path.as_str(), text, &mut sources, &mut sink);
    }
    let findings: Vec<Diagnostic> = sink
        .all()
        .iter()
        .filter(|finding| !(args.no_info && finding.severity == Severity::Info))
        .cloned()
        .collect();
    let format = args.format.unwrap_or(if context.ui.json() { Format::Json } else { Format::Text });
    match format {
        Format::Text => {
            context.ui.data(&render::text(&findings, &sources, context.ui.color_stdout()));
            let files = match args.templates.len() {
                1 => "1 template".to_owned(),
                count => format!("{count} templates"),
            };
            context.ui.status(&format!(
                "{files}: {} errors, {} warnings, {} informations.",
                sink.count(Severity::Error),
                sink.count(Severity::Warning),
                sink.count(Severity::Info)
            ));
        }
        Format::Json => context.ui.data_json(&render::json(&findings, &sources)),
        Format::Github => context.ui.data(&render::github(&findings, &sources)),
    }
    Ok(if sink.has_errors() { exit::INPUT } else { exit::OK })
}

/// Reads a template and adds what is wrong with it.
fn check(name: &str, text: String, sources: &mut SourceMap, sink: &mut Sink) {
    let file = sources.add(name, text);
    let Some(node) = seaway_yaml::parse(file, sources, sink) else { return };
    let mut template = convert(&node);
    let mut unknown = Vec::new();
    template.expand(&mut unknown);
    for tag in unknown {
        let finding =
            Diagnostic::error(codes::TAG.id, format!("CloudFormation has no function `{}`", tag.tag));
        sink.push(match tag.span {
            Some(span) => finding.label(span, ""),
            None => finding,
        });
    }
    lint(&template, sink);
}

/// Returns a parsed file as the tree that the linter reads.
fn convert(node: &seaway_yaml::Node) -> Node {
    let content = match &node.value {
        seaway_yaml::Value::Null => Content::Null,
        seaway_yaml::Value::Seq(items) => Content::List(items.iter().map(convert).collect()),
        seaway_yaml::Value::Map(map) => Content::Map(
            map.iter()
                .map(|entry| Entry {
                    key: entry.key.text.clone(),
                    key_span: Some(entry.key.span),
                    value: convert(&entry.value),
                })
                .collect(),
        ),
        seaway_yaml::Value::Scalar(text, _) if node.is_bool() => Content::Bool(text.starts_with(['t', 'T'])),
        seaway_yaml::Value::Scalar(text, _) if node.is_number() => number(text),
        seaway_yaml::Value::Scalar(text, _) => Content::String(text.clone()),
    };
    Node { span: Some(node.span), tag: node.tag.clone(), content }
}

fn number(text: &str) -> Content {
    // An account's number starts with zeros; as a number it would lose them.
    if text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Content::String(text.to_owned());
    }
    match (text.parse(), text.parse()) {
        (Ok(whole), _) => Content::Int(whole),
        (_, Ok(number)) => Content::Float(number),
        _ => Content::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns code and line of each finding.
    fn places(text: &str) -> Vec<(&'static str, usize)> {
        let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
        check("t.yaml", text.to_owned(), &mut sources, &mut sink);
        let line = |finding: &Diagnostic| finding.span().map_or(0, |span| sources.position(span).line);
        sink.all().iter().map(|finding| (finding.code, line(finding))).collect()
    }

    #[test]
    fn findings_of_short_forms_have_their_lines() {
        let text = "\
Parameters:
  Name: {Type: String}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      QueueName: !Sub \"${Name}-jobs\"
      VisibiltyTimeout: 30
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Jbos.Arn
        maxReceiveCount: !If [Many, 5, 3]
";
        assert_eq!(places(text), [("SW0610", 10), ("SW0620", 12), ("SW0625", 13)]);
    }

    #[test]
    fn json_is_read_the_same_way_and_numbers_keep_their_zeros() {
        assert_eq!(places("{\"Resources\": {\n  \"T\": {\"Type\": \"AWS::SNS::Tpic\"}}}"), [("SW0603", 2)]);
        let text = "\
Resources:
  P:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: /a, Value: 012345678901}
";
        assert_eq!(places(text), []);
        assert_eq!(number("012"), Content::String("012".to_owned()));
    }

    #[test]
    fn unknown_tags_are_reported() {
        let text = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Rf X}\n";
        assert_eq!(places(text), [("SW0602", 4)]);
    }
}
