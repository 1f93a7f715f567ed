//! The `jackfield-gateway` command.

fn main() -> std::process::ExitCode {
    jackfield_gateway::main()
}
