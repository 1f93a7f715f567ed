//! Tests the help, the shell completions, the man pages and the colours of the command.

use std::path::Path;
use std::process::{Command, Output};

fn jackfield(words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jackfield"));
    command.args(words).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
    command.output().expect("the command can be started")
}

fn documentation() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command-line.md");
    std::fs::read_to_string(path).expect("the fixture is valid")
}

#[test]
fn help_of_every_command_has_an_example() {
    for (name, help) in jackfield_cli::helps() {
        assert!(
            help.contains("Examples:\n  jackfield "),
            "`jackfield {name} --help` has no example:\n{help}"
        );
    }
}

#[test]
fn examples_of_the_help_are_valid_command_lines() {
    for (name, help) in jackfield_cli::helps() {
        let after = help.split("Examples:\n").nth(1).unwrap_or_default();
        for line in after.lines().take_while(|line| line.starts_with("  jackfield ")) {
            let typed = line.split(['>', '|']).next().unwrap_or_default();
            let words = words(typed);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let understood = jackfield_cli::understand(&words);
            assert!(understood.is_ok(), "{name}: {line}\n{understood:?}");
        }
    }
}

/// Splits a command line into words. Single quotes are supported.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

#[test]
fn exit_codes_in_the_help_equal_the_documented_exit_codes() {
    let (_, help) = jackfield_cli::helps().swap_remove(0);
    let codes: Vec<String> = help
        .split("Exit codes:\n")
        .nth(1)
        .unwrap()
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(code, meaning)| format!("| {code} | {} |", meaning.trim()))
        .collect();
    assert_eq!(codes.len(), 3);
    let documented = documentation();
    for line in codes {
        assert!(documented.contains(&line), "docs/command-line.md has no line `{line}`");
    }
}

#[test]
fn documentation_of_the_command_line_lists_every_command() {
    let documented = documentation();
    for (name, _) in jackfield_cli::helps().into_iter().skip(1) {
        assert!(documented.contains(&format!("| `{name}")), "docs/command-line.md does not list `{name}`");
    }
}

#[test]
fn completion_scripts_contain_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = jackfield(&["completions", shell], &[]);
        assert!(out.status.success(), "{shell}");
        let script = String::from_utf8(out.stdout).unwrap();
        for (name, _) in jackfield_cli::helps().into_iter().skip(1) {
            assert!(script.contains(&name), "{shell} does not complete `{name}`");
        }
    }
}

#[test]
fn man_writes_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let out = jackfield(&["man", &folder.path().display().to_string()], &[]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    for (name, _) in jackfield_cli::helps() {
        let file = if name.is_empty() { "jackfield.1".to_owned() } else { format!("jackfield-{name}.1") };
        let page = std::fs::read_to_string(folder.path().join(&file)).expect(&file);
        assert!(page.contains(".SH NAME") && page.contains("Examples:"), "{file}");
    }
    let page = jackfield(&["man"], &[]).stdout;
    assert!(String::from_utf8_lossy(&page).contains("Exit codes"));
}

#[test]
fn variable_no_color_turns_colours_off() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/bookshop.yaml").display().to_string();
    for words in
        [vec!["inspect", &spec], vec!["--help"], vec!["lint", &spec], vec!["explain", "list_books", &spec]]
    {
        let has_escape = |out: &Output| out.stdout.contains(&0x1B) || out.stderr.contains(&0x1B);
        assert!(!has_escape(&jackfield(&words, &[])), "{words:?} into a pipe");
        assert!(has_escape(&jackfield(&words, &[("CLICOLOR_FORCE", "1")])), "{words:?} with CLICOLOR_FORCE");
        let variables = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
        assert!(!has_escape(&jackfield(&words, &variables)), "{words:?} with NO_COLOR");
    }
}
