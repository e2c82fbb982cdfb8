//! One way in which a signature may not fit.

use super::signing_input::SigningInput;

/// A way in which what was signed may differ from what was given.
pub(super) struct Mistake {
    pub(super) how: String,
    /// What to do about it.
    pub(super) advice: String,
    /// What would have been signed.
    pub(super) case: SigningInput,
}
