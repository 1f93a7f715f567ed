//! Servers that are child processes: environment variables, limits, exits, and processes that outlive them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use support::{Site, child_script, until};

/// Writes the script of a server that runs `after` once its tool list was read.
fn script(site: &Site, after: &str) {
    let text = child_script(&json!([{ "name": "run", "inputSchema": { "type": "object" } }]), after);
    fs::write(site.path().join("server.sh"), text).unwrap();
}

fn site(more: &str) -> Site {
    Site::of(&format!("[connectors.own]\ncommand = [\"/bin/sh\", \"server.sh\"]\n{more}"))
}

/// Whether a process exists and is not a zombie.
fn lives(id: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(id).join("stat"));
    status.is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

fn starts(site: &Site) -> Vec<String> {
    let text = fs::read_to_string(site.path().join("starts")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn child_process_gets_only_the_variables_named_in_gateway_toml() {
    let site = site("pass = [\"HOME\"]\nenv = { COLOUR = \"blue\" }\n");
    script(&site, "read d\nanswer 3 \"$(env | sort | tr '\\n' ' ')\"\nread e");
    let mut command = site.command(&["serve", "--stdio", "--ask", "never"]);
    command.env("HOME", "/nowhere").env("CANARY", "secret").env("GATEWAY_LOG", "off");
    let told = support::Peer::start(&mut command).told("own_run", json!({}));
    let names: Vec<&str> = told.split(' ').filter_map(|it| Some(it.split_once('=')?.0)).collect();
    // The shell itself sets PWD, OLDPWD, SHLVL and _.
    let own = ["PWD", "OLDPWD", "SHLVL", "_"];
    let names: Vec<&str> = names.into_iter().filter(|name| !own.contains(name)).collect();
    assert_eq!(names, ["COLOUR", "HOME", "PATH"], "{told}");
}

#[test]
fn child_process_has_limits_on_memory_files_and_core_dumps() {
    let site = site("memory = 64\n");
    script(&site, "read d\nanswer 3 \"$(ulimit -n) $(ulimit -c) $(ulimit -d)\"\nread e");
    assert_eq!(site.serve().told("own_run", json!({})), "1024 0 65536");
}

#[test]
fn child_is_started_by_the_first_call_and_restarted_after_it_dies() {
    let site = site("");
    script(&site, "read d\nexit 3");
    let mut gateway = site.serve();
    let attached = starts(&site).len();
    assert_eq!(gateway.tools(), ["own_run"]);
    assert_eq!(starts(&site).len(), attached, "a list starts nothing");
    let died = gateway.told("own_run", json!({}));
    assert!(died.contains("its process ended (exit status: 3)"), "{died}");
    assert_eq!(starts(&site).len(), attached + 1);
    // A child that exits soon after its start is restarted only after a retry delay.
    let refused = gateway.told("own_run", json!({}));
    assert!(refused.contains("it ended soon after its start; it is tried again in"), "{refused}");
    script(&site, "read d\nanswer 3 back\nread e");
    let began = Instant::now();
    loop {
        let told = gateway.told("own_run", json!({}));
        if told == "back" {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{told}");
    }
    assert_eq!(starts(&site).len(), attached + 2);
}

#[test]
fn every_process_started_by_a_child_ends_when_the_gateway_ends() {
    let site = site("");
    // The grandchild ignores the end of its stdin, and keeps the pipe open.
    script(
        &site,
        "sleep 1000 & echo $! >> grandchildren\ntrap '' TERM HUP\nread d\nanswer 3 started\nwhile :; do sleep 1000; done",
    );
    let mut gateway = site.serve();
    assert_eq!(gateway.told("own_run", json!({})), "started");
    let of = |file: &str| fs::read_to_string(site.path().join(file)).unwrap();
    let grandchild = of("grandchildren").lines().last().unwrap().to_owned();
    let child = starts(&site).pop().unwrap();
    assert!(lives(&child) && lives(&grandchild));
    gateway.end();
    until("the child has ended", || !lives(&child));
    until("the grandchild has ended", || !lives(&grandchild));
}

#[test]
fn idle_child_is_stopped_and_the_next_call_starts_it_again() {
    let site = site("idle = 1\n");
    script(&site, "read d\nanswer 3 done\nread e");
    let mut gateway = site.serve();
    assert_eq!(gateway.told("own_run", json!({})), "done");
    let child = starts(&site).pop().unwrap();
    until("the idle child has ended", || !lives(&child));
    assert_eq!(gateway.told("own_run", json!({})), "done");
    assert_ne!(starts(&site).pop().unwrap(), child);
}

#[test]
fn cancellation_of_a_call_is_sent_to_the_child() {
    let site = site("");
    script(
        &site,
        "read d || exit\necho >> running\nread e || exit\nprintf '%s\\n' \"$e\" > cancelled\nread f",
    );
    let mut gateway = site.serve();
    gateway.tools();
    let id = gateway.begin("tools/call", &json!({ "name": "own_run", "arguments": {} }));
    until("the call runs", || site.path().join("running").exists());
    gateway.send(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }),
    );
    let file = site.path().join("cancelled");
    until("the server is told", || fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')));
    let told: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(
        (&told["method"], &told["params"]["requestId"]),
        (&json!("notifications/cancelled"), &json!(3))
    );
}

#[test]
fn error_about_a_missing_program_names_the_program_and_a_remedy() {
    let site = Site::of("[connectors.own]\ncommand = [\"no-such-program-anywhere\"]\n");
    let (code, text) = site.run(&["check"]);
    assert!(
        code == 1 && text.contains("own: there is no program `no-such-program-anywhere` on PATH"),
        "{text}"
    );
    let (code, text) = site.run(&["test", "own"]);
    assert!(code == 1 && text.contains("no-such-program-anywhere"), "{text}");
}

#[test]
fn test_command_shows_stderr_of_a_failing_child() {
    let site = Site::of(
        "[connectors.own]\ncommand = [\"/bin/sh\", \"-c\", \"echo the key is missing >&2; exit 2\"]\n",
    );
    let (code, text) = site.run(&["test", "own"]);
    assert!(code == 1 && text.contains("its process ended (exit status: 2)"), "{text}");
    assert!(text.contains("its stderr ends with\nthe key is missing"), "{text}");
}

#[test]
fn child_that_closes_one_stream_is_stopped_and_started_again() {
    for (stream, closes) in [("output", "exec 1>&-"), ("input", "exec 0<&-")] {
        // A message that was written before the child closes its stdin is lost. The next message detects the closed pipe.
        let site = site("timeout = 3\n");
        script(&site, &format!("{closes}\nsleep 1000 & echo $! >> grandchildren\nwait"));
        let mut gateway = site.serve();
        let began = Instant::now();
        let mut told = String::new();
        while !told.contains(&format!("it closed its {stream}, so the gateway stopped it")) {
            assert!(began.elapsed() < Duration::from_secs(20), "{stream}: {told}");
            told = gateway.told("own_run", json!({}));
            if told.contains("it ended soon after its start") {
                break;
            }
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{stream}: {told}");
        let child = starts(&site).pop().unwrap();
        until("the child has ended", || !lives(&child));
        let grandchildren = fs::read_to_string(site.path().join("grandchildren")).unwrap();
        until("its own child has ended", || !lives(grandchildren.lines().last().unwrap()));
    }
}

#[test]
fn output_pipe_that_a_daemon_of_a_stopped_child_holds_open_is_closed() {
    let site = site("idle = 1\n");
    // The daemon runs in another process session, writes lines forever, and gets an error once its pipe is closed.
    script(
        &site,
        "SERVER=$$\nexport SERVER\nsetsid /bin/sh -c 'trap \"\" PIPE; while echo x; do sleep 0.05; done; echo gone > unread-$SERVER' &\nread d\nanswer 3 done\nread e",
    );
    let mut gateway = site.serve();
    assert_eq!(gateway.told("own_run", json!({})), "done");
    // The first contact started another process of the server and another daemon, so the last started process is checked.
    let file = site.path().join(format!("unread-{}", starts(&site).pop().unwrap()));
    until("the pipe is closed", || file.exists());
}
