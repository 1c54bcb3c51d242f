//! Time and memory of a load, over files in memory, for several sizes: `cargo bench -p seaway-compose`.
//!
//! Prints the best of several runs; the memory is what the allocator held at most above the start.

#![expect(clippy::print_stdout, reason = "a bench prints its numbers")]
#![expect(clippy::unwrap_used, reason = "a bench stops when its file does not load")]

use std::time::Instant;

use camino::Utf8Path;
use seaway_compose::Files;
use seaway_compose::LoadOptions;
use seaway_diag::Sink;
use seaway_diag::SourceMap;

struct One(String);

impl Files for One {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        Ok((path == "/p/compose.yaml").then(|| self.0.clone()))
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        path == "/p/compose.yaml"
    }
}

/// A file of about `lines` lines: services of 25 lines each with what people write.
fn file(lines: usize) -> String {
    let mut text = String::from("name: bench\nx-base: &base\n  restart: always\n  init: true\nservices:\n");
    for n in 0..lines.saturating_sub(10) / 25 {
        text.push_str(&format!(
            "  service-{n}:\n    <<: *base\n    image: \"registry.example/shop/service-{n}:${{TAG:-1.0}}\"\n    command: serve --port 8080 --name 'service {n}'\n    environment:\n      DATABASE_URL: postgres://db-{n}:5432/shop\n      LOG_LEVEL: ${{LOG_LEVEL:-info}}\n      FEATURE_{n}: \"true\"\n    ports:\n      - \"{}:8080\"\n    expose: [\"9090\"]\n    healthcheck:\n      test: [CMD, /health]\n      interval: 10s\n      timeout: 2s\n      retries: 3\n    deploy:\n      replicas: 2\n      resources:\n        limits:\n          cpus: \"0.5\"\n          memory: 512M\n    labels:\n      com.example.service: \"{n}\"\n      com.example.team: shop\n",
            10_000 + n
        ));
    }
    text
}

fn once(files: &One) -> f64 {
    let options = LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() };
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    let start = Instant::now();
    let project = seaway_compose::load(&options, files, &mut sources, &mut sink);
    let time = start.elapsed().as_secs_f64() * 1e3;
    assert!(project.is_some(), "{}", seaway_diag::render::text(sink.all(), &sources, false));
    time
}

/// Peak resident memory of this process in KiB, where the system says it.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// One size, in a process of its own: what an earlier size has freed would hide what this one takes.
fn one_size(lines: usize) {
    let files = One(file(lines));
    let count = files.0.lines().count();
    let before = peak();
    let first = once(&files);
    let after = peak();
    let best = (0..9).map(|_| once(&files)).fold(first, f64::min);
    let memory = match (before, after) {
        (Some(before), Some(after)) => format!("{:.1}×", (after - before) * 1024.0 / files.0.len() as f64),
        _ => "?".to_owned(),
    };
    println!(
        "{count:>8} {:>10} {best:>10.2} {:>12.2} {memory:>14}",
        files.0.len(),
        best * 1e3 / count as f64
    );
}

fn main() {
    if let Some(lines) = std::env::var("SEAWAY_BENCH_LINES").ok().and_then(|lines| lines.parse().ok()) {
        return one_size(lines);
    }
    println!("{:>8} {:>10} {:>10} {:>12} {:>14}", "lines", "bytes", "ms", "µs/line", "memory/file");
    for lines in [1_000, 2_500, 5_000, 10_000, 20_000] {
        let program = std::env::current_exe().unwrap();
        let status = std::process::Command::new(program)
            .env("SEAWAY_BENCH_LINES", lines.to_string())
            .status()
            .unwrap();
        assert!(status.success());
    }
    // Every service has three faults: the findings must not cost more than the file.
    let faulty = One(file(10_000)
        .replace("retries: 3", "retrys: 3")
        .replace("replicas: 2", "replicas: x")
        .replace("512M", "much"));
    let options = LoadOptions { working_directory: "/p".into(), ..LoadOptions::default() };
    let start = Instant::now();
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    assert!(seaway_compose::load(&options, &faulty, &mut sources, &mut sink).is_none());
    let time = start.elapsed().as_secs_f64() * 1e3;
    println!("10,000 lines with {} findings: {time:.2} ms", sink.all().len());
    sink.sort();
    let text = seaway_diag::render::text(sink.all(), &sources, false);
    println!("and as {} bytes of text: {:.2} ms", text.len(), start.elapsed().as_secs_f64() * 1e3 - time);
}
