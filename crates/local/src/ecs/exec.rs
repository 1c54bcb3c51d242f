//! Sessions in running containers.

use bollard::container::LogOutput;
use bollard::exec::CreateExecOptions;
use bollard::exec::ResizeExecOptions;
use bollard::exec::StartExecOptions;
use bollard::exec::StartExecResults;
use futures::StreamExt;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::ExecInput;
use seaway_cloud::ExecOutput;
use seaway_cloud::ExecRequest;
use seaway_cloud::ExecSession;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::engine;
use super::inner::Inner;

/// Opens a session.
pub(super) async fn open(inner: &Inner, request: &ExecRequest) -> Result<ExecSession, CloudError> {
    let operation = || format!("open a session in {} of task {}", request.container, request.task);
    let container = inner.read_task(&request.task, |task| {
        task.container(&request.container).map(|one| (one.engine_name.clone(), one.shown.last_status.clone()))
    });
    let name = match container {
        Some(Some((name, status))) if status == "RUNNING" => name,
        Some(Some((_, status))) => {
            let text = format!("the container is {status}");
            return Err(CloudError::new(ErrorKind::Validation, operation(), text));
        }
        Some(None) => {
            return Err(CloudError::new(ErrorKind::NotFound, operation(), "the task has no such container"));
        }
        None => return Err(CloudError::new(ErrorKind::NotFound, operation(), "there is no such task")),
    };
    let refused = |error: bollard::errors::Error| {
        CloudError::new(ErrorKind::Internal, operation(), engine::message(&error))
    };
    let tty = request.tty.is_some();
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(tty),
        cmd: Some(request.command.clone()),
        ..CreateExecOptions::default()
    };
    let exec = inner.docker.create_exec(&name, options).await.map_err(refused)?;
    let start = StartExecOptions { detach: false, tty, output_capacity: Some(64 * 1024) };
    let started = inner.docker.start_exec(&exec.id, Some(start)).await.map_err(refused)?;
    let StartExecResults::Attached { mut output, mut input } = started else {
        return Err(CloudError::new(ErrorKind::Internal, operation(), "the engine did not attach"));
    };
    let (send_input, mut inputs) = mpsc::channel::<ExecInput>(64);
    let (outputs, receive_output) = mpsc::channel::<ExecOutput>(64);
    let resize = |docker: bollard::Docker, id: String, columns: u16, rows: u16| async move {
        let _ = docker.resize_exec(&id, ResizeExecOptions { width: columns, height: rows }).await;
    };
    if let Some((columns, rows)) = request.tty {
        resize(inner.docker.clone(), exec.id.clone(), columns, rows).await;
    }
    let (docker, id) = (inner.docker.clone(), exec.id.clone());
    let writer = tokio::spawn(async move {
        while let Some(message) = inputs.recv().await {
            match message {
                ExecInput::Data(bytes) => {
                    if input.write_all(&bytes).await.is_err() || input.flush().await.is_err() {
                        return;
                    }
                }
                ExecInput::Resize(columns, rows) => resize(docker.clone(), id.clone(), columns, rows).await,
                ExecInput::End => {
                    let _ = input.shutdown().await;
                }
            }
        }
        // The session was dropped: the command sees the end of its input.
        let _ = input.shutdown().await;
    });
    let (docker, id) = (inner.docker.clone(), exec.id);
    inner.spawn(async move {
        loop {
            let frame = tokio::select! {
                () = outputs.closed() => break,
                frame = output.next() => frame,
            };
            let sent = match frame {
                Some(Ok(LogOutput::StdErr { message })) => {
                    outputs.send(ExecOutput::Stderr(message.to_vec())).await
                }
                Some(Ok(
                    LogOutput::StdOut { message }
                    | LogOutput::Console { message }
                    | LogOutput::StdIn { message },
                )) => outputs.send(ExecOutput::Stdout(message.to_vec())).await,
                Some(Err(_)) | None => break,
            };
            if sent.is_err() {
                break;
            }
        }
        writer.abort();
        let mut code = 255;
        for _ in 0..100 {
            match docker.inspect_exec(&id).await {
                Ok(state) if state.running == Some(true) => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Ok(state) => {
                    code = state.exit_code.unwrap_or(255);
                    break;
                }
                Err(_) => break,
            }
        }
        let _ = outputs.send(ExecOutput::Exit(code)).await;
    });
    Ok(ExecSession { input: send_input, output: receive_output })
}
