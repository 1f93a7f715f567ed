//! Ends a command whose reader has closed the pipe, as in `| head`.

/// The beginning of the panic message of `println!` if stdout cannot be written.
const FAILED: &str = "failed printing to stdout";

/// Makes the program end without a message if the reader of its output closes the pipe. Without this, `println!` would panic.
pub fn end_at_closed_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>();
        // The text of this error does not depend on the user's locale.
        if message.is_some_and(|it| it.starts_with(FAILED) && it.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}
