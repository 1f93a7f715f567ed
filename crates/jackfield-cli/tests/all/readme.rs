//! Tests that the README's commands print the output that the README shows.

use std::path::Path;
use std::process::Command;

#[test]
fn readme_commands_print_what_the_readme_shows() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(repository.join("README.md")).unwrap();
    let mut checked = 0;
    for block in readme.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        let (command, shown) = block.split_once('\n').unwrap();
        let words = words(command.strip_prefix("$ jackfield ").unwrap());
        let output = Command::new(env!("CARGO_BIN_EXE_jackfield"))
            .args(&words)
            .current_dir(&repository)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(printed.trim_end(), shown.trim_end(), "{command}");
        checked += 1;
    }
    assert!(checked >= 2, "the README shows {checked} commands with output");
}

/// Splits a POSIX command line without escapes into words. Single quotes are supported.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}
