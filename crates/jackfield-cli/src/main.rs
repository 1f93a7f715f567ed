//! The `jackfield` command.

fn main() -> std::process::ExitCode {
    jackfield_cli::main()
}
