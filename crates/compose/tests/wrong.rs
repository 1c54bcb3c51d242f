//! Every file in `tests/wrong` is refused, with findings that say what, where and what to do.

use std::path::Path;

use seaway_compose::Disk;
use seaway_compose::LoadOptions;
use seaway_diag::Severity;
use seaway_diag::Sink;
use seaway_diag::SourceMap;

#[test]
fn wrong_files_are_refused_with_help() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    assert!(names.len() >= 150, "{}", names.len());
    for name in names {
        let options = LoadOptions {
            working_directory: folder.clone().try_into().unwrap(),
            files: vec![name.as_str().into()],
            ..LoadOptions::default()
        };
        let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
        let project = seaway_compose::load(&options, &Disk, &mut sources, &mut sink);
        assert!(project.is_none(), "{name} was loaded");
        assert!(sink.has_errors(), "{name} has no error");
        for finding in sink.all().iter().filter(|finding| finding.severity == Severity::Error) {
            let span = finding.span().unwrap_or_else(|| panic!("{name}: no place: {finding:?}"));
            assert!(
                sources.location(span).contains(".yaml:") || sources.location(span).contains(".env:"),
                "{name}"
            );
            assert!(!finding.help.is_empty() || finding.fix.is_some(), "{name}: no help: {finding:?}");
        }
        sink.sort();
        // Notes name whole paths, which differ from machine to machine.
        let text = seaway_diag::render::text(sink.all(), &sources, false)
            .replace(folder.to_str().unwrap(), "<folder>");
        assert!(!text.contains("never-shown"), "{name}");
        insta::with_settings!({ description => "", omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name.trim_end_matches(".yaml"), text);
        });
    }
}

#[test]
fn a_fix_can_be_applied() {
    let text = "services:\n  web:\n    imag: shop/web\n";
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compose.yaml");
    std::fs::write(&path, text).unwrap();
    let options = LoadOptions {
        working_directory: folder.path().to_path_buf().try_into().unwrap(),
        ..LoadOptions::default()
    };
    assert!(seaway_compose::load(&options, &Disk, &mut sources, &mut sink).is_none());
    let fix = sink.all().iter().find_map(|finding| finding.fix.clone()).unwrap();
    let mut fixed = text.to_owned();
    fixed.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
    std::fs::write(&path, fixed).unwrap();
    let mut sink = Sink::default();
    assert!(seaway_compose::load(&options, &Disk, &mut sources, &mut sink).is_some());
}
