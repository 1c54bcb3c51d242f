//! Builds with a real container engine (`./test` starts one).
#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::fs;

use bollard::Docker;
use bollard::query_parameters::RemoveImageOptions;
use camino::Utf8Path;
use seaway_image::BuildSpec;
use seaway_image::ImageError;
use seaway_image::build;
use seaway_image::connect;
use seaway_image::content_hash;
use seaway_image::exists;
use seaway_image::local_tag;

async fn engine() -> Docker {
    connect(None, None, 0).await.unwrap()
}

fn spec(folder: &tempfile::TempDir, service: &str) -> BuildSpec {
    BuildSpec {
        app: "image-test".to_owned(),
        service: service.to_owned(),
        context: Utf8Path::from_path(folder.path()).unwrap().to_owned(),
        ..BuildSpec::default()
    }
}

fn folder(service: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // Different content for every run, else the image is there from the last one.
    fs::write(folder.path().join("run"), format!("{service} {:?}", folder.path())).unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

async fn remove(docker: &Docker, tag: &str) {
    docker.remove_image(tag, None::<RemoveImageOptions>, None).await.unwrap();
}

#[tokio::test]
async fn builds_once() {
    let docker = engine().await;
    let folder = folder(
        "once",
        &[
            ("Dockerfile", "FROM scratch\nARG WHAT\nLABEL what=$WHAT\nCOPY hello.txt /\n"),
            ("hello.txt", "hello"),
        ],
    );
    let mut spec = spec(&folder, "once");
    spec.args.insert("WHAT".to_owned(), "a test".to_owned());
    let tag = local_tag("imagetest", &spec.app, &spec.service, &content_hash(&spec).unwrap());
    assert!(!exists(&docker, &tag).await.unwrap());
    let mut lines = Vec::new();
    let built = build(&docker, &spec, &tag, |line| lines.push(line.to_owned())).await.unwrap();
    assert!(built.fresh && built.id.starts_with("sha256:"), "{built:?}");
    assert!(lines.iter().any(|line| line.contains("COPY hello.txt")), "{lines:?}");
    let image = docker.inspect_image(&tag).await.unwrap();
    let labels = image.config.unwrap().labels.unwrap();
    assert_eq!(labels["seaway.app"], "image-test");
    assert_eq!(labels["seaway.service"], "once");
    assert_eq!(labels["what"], "a test");

    let again = build(&docker, &spec, &tag, |line| panic!("{line}")).await.unwrap();
    assert_eq!((again.fresh, again.id), (false, built.id));
    remove(&docker, &tag).await;
}

#[tokio::test]
async fn dockerfile_inline_and_ignored_files() {
    let docker = engine().await;
    let folder =
        folder("inline", &[("secret.txt", "no"), (".dockerignore", "secret*\n"), ("hello.txt", "hello")]);
    let mut spec = spec(&folder, "inline");
    spec.dockerfile_inline = Some("FROM scratch\nCOPY . /\n".to_owned());
    let tag = local_tag("imagetest", &spec.app, &spec.service, &content_hash(&spec).unwrap());
    build(&docker, &spec, &tag, |_| ()).await.unwrap();
    remove(&docker, &tag).await;

    spec.dockerfile_inline = Some("FROM scratch\nCOPY secret.txt /\n".to_owned());
    let error = build(&docker, &spec, &tag, |_| ()).await.unwrap_err();
    let ImageError::Build { step, message, output, .. } = &error else { panic!("{error}") };
    assert_eq!(step.as_deref(), Some("Step 2/4 : COPY secret.txt /"));
    assert!(message.contains("secret.txt"), "{message}");
    assert!(output.iter().any(|line| line.starts_with("Step 1/4")), "{output:?}");
    assert!(!exists(&docker, &tag).await.unwrap());
}

#[tokio::test]
async fn a_wrong_dockerfile_is_told() {
    let docker = engine().await;
    let folder = folder("wrong", &[("Dockerfile", "FROM scratch\nCOPPY a b\n")]);
    let error =
        build(&docker, &spec(&folder, "wrong"), "seaway.local/image-test/wrong:x", |_| ()).await.unwrap_err();
    assert!(error.to_string().contains("unknown instruction: COPPY"), "{error}");
}
