//! Ends a command whose reader has closed the pipe, as in `| head`.

/// The beginning of the panic message of `println!` if stdout cannot be written.
const FAILED: &str = "failed printing to stdout";

/// Lets a command end quietly if the reader of its output closes the pipe. `println!` panics then.
pub fn end_at_closed_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>();
        // Rust formats this error without the locale of the user.
        if message.is_some_and(|it| it.starts_with(FAILED) && it.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}
