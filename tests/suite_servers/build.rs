//! Generates the tools for which an API answers.

fn main() -> Result<(), jackfield_build::Error> {
    jackfield_build::build_script("connector.toml")
}
