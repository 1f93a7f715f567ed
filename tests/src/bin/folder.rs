//! `jackfield`, for tests that serve a folder in a process of its own.

fn main() -> std::process::ExitCode {
    jackfield_cli::main()
}
