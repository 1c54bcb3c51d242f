//! Builds with the engine's build API (the classic builder: every engine has it).

use std::collections::HashMap;
use std::collections::VecDeque;

use bollard::Docker;
use bollard::body_try_stream;
use bollard::errors::Error as EngineFault;
use bollard::query_parameters::BuildImageOptions;
use futures::StreamExt;

use crate::BuildSpec;
use crate::ImageError;
use crate::archive;
use crate::context::Context;

/// How many lines of output an error keeps.
const LAST_LINES: usize = 20;

/// An image that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its name.
    pub reference: String,
    /// Its id, `sha256:…`.
    pub id: String,
    /// False when it was there already.
    pub fresh: bool,
}

/// Builds an image and gives it the name `tag` (see [`crate::local_tag`], which is made of the
/// content hash), labelled `seaway.app` and `seaway.service`. An image of that name is taken as
/// it is. `progress` gets every line of the build's output.
///
/// # Errors
/// A step fails: the error has the step and the last lines of its output. The context cannot be
/// read, or the engine does not answer.
pub async fn build(
    docker: &Docker,
    spec: &BuildSpec,
    tag: &str,
    mut progress: impl FnMut(&str),
) -> Result<Built, ImageError> {
    if let Some(id) = image_id(docker, tag).await? {
        return Ok(Built { reference: tag.to_owned(), id, fresh: false });
    }
    let context = Context::read(spec)?;
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let options = BuildImageOptions {
        dockerfile: context.dockerfile.clone(),
        t: Some(tag.to_owned()),
        rm: true,
        forcerm: true,
        buildargs: Some(spec.args.iter().map(|(name, value)| label(name, value)).collect()),
        labels: Some(HashMap::from([label("seaway.app", &spec.app), label("seaway.service", &spec.service)])),
        target: spec.target.clone().unwrap_or_default(),
        platform: spec.platform.clone().unwrap_or_default(),
        ..BuildImageOptions::default()
    };
    let mut output = Output::default();
    let mut lines = docker.build_image(options, None, Some(body_try_stream(archive::stream(context))));
    while let Some(line) = lines.next().await {
        match line {
            Ok(info) => {
                if let Some(text) = info.stream.or(info.status) {
                    output.add(&text, &mut progress);
                }
            }
            Err(fault) => return Err(output.failure(spec, &fault)),
        }
    }
    match image_id(docker, tag).await? {
        Some(id) => Ok(Built { reference: tag.to_owned(), id, fresh: true }),
        None => Err(ImageError::Build {
            service: spec.service.clone(),
            step: output.step,
            message: "the engine ended the build without an image".to_owned(),
            output: output.last.into(),
        }),
    }
}

/// Returns the id of an image that the engine has, `None` when it has none of that name.
///
/// # Errors
/// The engine does not answer.
pub async fn image_id(docker: &Docker, reference: &str) -> Result<Option<String>, ImageError> {
    match docker.inspect_image(reference).await {
        Ok(image) => Ok(Some(image.id.unwrap_or_default())),
        Err(EngineFault::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
        Err(fault) => Err(ImageError::Engine {
            operation: format!("inspect image {reference}"),
            message: message(&fault),
        }),
    }
}

/// Returns true when the engine has an image of that name.
///
/// # Errors
/// The engine does not answer.
pub async fn exists(docker: &Docker, reference: &str) -> Result<bool, ImageError> {
    Ok(image_id(docker, reference).await?.is_some())
}

fn message(fault: &EngineFault) -> String {
    match fault {
        EngineFault::DockerResponseServerError { message, .. } => message.clone(),
        EngineFault::DockerStreamError { error } => error.clone(),
        other => other.to_string(),
    }
}

#[derive(Default)]
struct Output {
    step: Option<String>,
    last: VecDeque<String>,
    partial: String,
}

impl Output {
    /// Takes a piece of output: lines may come in parts.
    fn add(&mut self, text: &str, progress: &mut impl FnMut(&str)) {
        self.partial.push_str(text);
        while let Some((line, rest)) = self.partial.split_once('\n') {
            let (line, rest) = (line.trim_end().to_owned(), rest.to_owned());
            self.partial = rest;
            if line.is_empty() {
                continue;
            }
            if line.starts_with("Step ") {
                self.step = Some(line.clone());
            }
            progress(&line);
            if self.last.len() == LAST_LINES {
                self.last.pop_front();
            }
            self.last.push_back(line);
        }
    }

    fn failure(mut self, spec: &BuildSpec, fault: &EngineFault) -> ImageError {
        if !self.partial.trim().is_empty() {
            self.last.push_back(self.partial.trim_end().to_owned());
        }
        ImageError::Build {
            service: spec.service.clone(),
            step: self.step,
            message: message(fault),
            output: self.last.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_read_by_lines() {
        let mut output = Output::default();
        let mut seen = Vec::new();
        for text in ["Step 1/2 : FROM scratch", "\n", " ---> \nStep 2/2 : RUN x\n", "part"] {
            output.add(text, &mut |line| seen.push(line.to_owned()));
        }
        assert_eq!(seen, ["Step 1/2 : FROM scratch", " --->", "Step 2/2 : RUN x"]);
        let fault = EngineFault::DockerStreamError { error: "no shell".to_owned() };
        let error = output.failure(&BuildSpec { service: "web".to_owned(), ..BuildSpec::default() }, &fault);
        assert_eq!(error.to_string(), "the build of `web` failed at Step 2/2 : RUN x: no shell");
        assert!(matches!(error, ImageError::Build { output, .. } if output.last().unwrap() == "part"));
    }
}
