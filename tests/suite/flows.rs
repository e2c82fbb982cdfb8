//! Small flows for tests, each with one idea.

/// A choice, a secret, a question whether that is right, and a submission. Who hangs up is told as a partial one.
pub const ORDER: &str = r#"
title   = "Order"
numbers = ["+442079460123"]
[answers]
size = { one_of = ["small", "large"] }
pin  = { digits = [4, 12], sensitive = true }
[steps.size]
menu   = "Small, press 1. Large, press 2."
into   = "size"
keys.1 = { value = "small", next = "pin" }
keys.2 = { value = "large", next = "pin" }
[steps.pin]
ask  = "Your PIN, please."
into = "pin"
next = "confirm"
[steps.confirm]
menu   = "To send it press 1."
keys.1 = "send"
[steps.send]
submit = "pickups"
next   = "bye"
[steps.bye]
say  = "Goodbye."
next = "hangup"
[steps.left]
submit = { to = "pickups", partial = true }
next   = "hangup"
[steps.trouble]
menu   = "There is a fault. To try again press 1."
keys.1 = "size"
[on]
hangup = "left"
error  = "trouble"
"#;

/// Submits one choice and leaves for other TwiML.
pub const AWAY: &str = r#"
[answers]
size  = { one_of = ["small", "large"] }
extra = { one_of = ["yes", "no"], optional = true }
[steps.size]
menu   = "Small or large?"
into   = "size"
keys.1 = { value = "small", next = "extra" }
keys.2 = { value = "large", next = "send" }
[steps.extra]
menu   = "Extra?"
into   = "extra"
keys.1 = { value = "yes", next = "send" }
[steps.send]
submit = "pickups"
next   = "leave"
[steps.leave]
redirect = "https://other.example.test/twiml"
"#;

/// Connects the caller, and tells who was not connected.
pub const DESK: &str = r#"
[steps.hello]
menu   = "To talk to somebody press 1."
keys.1 = "connect"
[steps.connect]
dial       = "+442079460000"
timeout    = "20s"
time_limit = "60s"
on.unanswered = "nobody"
next       = "hangup"
[steps.nobody]
say  = "Nobody is free."
next = "hangup"
[steps.left]
submit = { to = "pickups", partial = true }
next   = "hangup"
[on]
hangup = "left"
"#;
