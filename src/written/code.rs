//! Every code of a fault in one list, with the page that explains it: what it means, a bad example and a good one.
//!
//! A code is for ever: it stands in settings, in other people's scripts and in their heads.

use std::fmt;

use super::diag::Severity;

/// How much a fault hurts, which decides how bad it is and what may be done with the file that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// The file cannot be used at all.
    Unusable,
    /// Some callers are hurt on some way through a flow that can be served.
    Way,
    /// Somebody should look.
    Notice,
    /// A test call is wrong, or went otherwise than it says.
    Test,
    /// The settings are wrong: no command begins.
    Settings,
}

/// Defines the codes, sorted, each with its weight and its name.
macro_rules! codes {
    ($($weight:ident $code:ident $name:literal,)+) => {
        /// A kind of fault. The order is that of the names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($code,)+ }

        impl Code {
            /// All codes, sorted by name.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// The name that people read and write: kebab-case, the subject first.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// What it means, for the author of a flow, as Markdown; none for what only a test call can have, which
            /// `docs/testing.md` explains, and for what only settings can have.
            pub const fn page(self) -> Option<&'static str> {
                match self { $(Self::$code => codes!(@page $weight $name),)+ }
            }

            const fn weight(self) -> Weight {
                match self { $(Self::$code => Weight::$weight,)+ }
            }
        }
    };
    (@page Test $name:literal) => { None };
    (@page Settings $name:literal) => { None };
    (@page $weight:ident $name:literal) => { Some(include_str!(concat!("codes/", $name, ".md"))) };
}

codes! {
    Unusable AcceptIsDecline "accept-is-decline",
    Notice AcceptTogether "accept-together",
    Unusable ActionNotYet "action-not-yet",
    Test AfterWaitsFlow "after-waits-flow",
    Notice AnswerLeftOver "answer-left-over",
    Test AnswerNotJson "answer-not-json",
    Unusable AnswerNotPromised "answer-not-promised",
    Unusable AnswerNotSensitive "answer-not-sensitive",
    Notice AnswerOnBridgeLate "answer-on-bridge-late",
    Notice AnswerSurvives "answer-survives",
    Unusable AnswerTypeDiffers "answer-type-differs",
    Unusable AnswerTypeMissing "answer-type-missing",
    Unusable AnswerTypeTwice "answer-type-twice",
    Unusable AnswerTypeUnknown "answer-type-unknown",
    Way AnswerUnset "answer-unset",
    Notice AnswerUnused "answer-unused",
    Notice AnywhereShadowed "anywhere-shadowed",
    Unusable AnywhereValue "anywhere-value",
    Unusable ArgMissing "arg-missing",
    Unusable ArgUnknown "arg-unknown",
    Notice ArgUnused "arg-unused",
    Test AtNotAMoment "at-not-a-moment",
    Unusable AudioBroken "audio-broken",
    Unusable AudioEmpty "audio-empty",
    Unusable AudioMissing "audio-missing",
    Unusable AudioOutside "audio-outside",
    Unusable AudioType "audio-type",
    Unusable BackendMissing "backend-missing",
    Unusable BackendName "backend-name",
    Unusable BackendUnknown "backend-unknown",
    Way BesideSecret "beside-secret",
    Unusable BesideUnclear "beside-unclear",
    Way BotDeadEnd "bot-dead-end",
    Unusable BoundsWrong "bounds-wrong",
    Unusable BranchNoLast "branch-no-last",
    Unusable BranchNotLast "branch-not-last",
    Unusable CallFieldMissing "call-field-missing",
    Notice CallFieldNotSent "call-field-not-sent",
    Notice CallFieldUnused "call-field-unused",
    Way CallTooDear "call-too-dear",
    Test CallTooLarge "call-too-large",
    Way CallTooLong "call-too-long",
    Unusable CalleeName "callee-name",
    Unusable CalleeUnclear "callee-unclear",
    Unusable CalleesIllegal "callees-illegal",
    Test CarrierError "carrier-error",
    Unusable ChangesTwice "changes-twice",
    Unusable ChangesWithoutNext "changes-without-next",
    Notice ConditionConstant "condition-constant",
    Unusable ConditionUnclear "condition-unclear",
    Unusable ContactName "contact-name",
    Unusable ContactUnknown "contact-unknown",
    Unusable CountryUnknown "country-unknown",
    Unusable CurrencyUnknown "currency-unknown",
    Notice DialKeyIdle "dial-key-idle",
    Notice DialOwnNumber "dial-own-number",
    Test DialTwice "dial-twice",
    Unusable EditionUnknown "edition-unknown",
    Test EndByUnknown "end-by-unknown",
    Test EndDiffers "end-differs",
    Unusable ExitMissing "exit-missing",
    Unusable ExitUnknown "exit-unknown",
    Unusable ExpressionSyntax "expression-syntax",
    Unusable ExpressionTooLarge "expression-too-large",
    Unusable ExpressionsTooMany "expressions-too-many",
    Test FailureMissing "failure-missing",
    Notice FaultsTooMany "faults-too-many",
    Unusable FileNotText "file-not-text",
    Unusable FileOutside "file-outside",
    Unusable FileUnreadable "file-unreadable",
    Unusable FilterUnknown "filter-unknown",
    Way FirstKeyLate "first-key-late",
    Test FlowMissing "flow-missing",
    Unusable FlowName "flow-name",
    Unusable FlowNoSteps "flow-no-steps",
    Notice FlowNotProved "flow-not-proved",
    Unusable FlowTooLarge "flow-too-large",
    Test FlowUnknown "flow-unknown",
    Unusable FlowsFolder "flows-folder",
    Unusable FullWithoutAppend "full-without-append",
    Unusable GiveMayLack "give-may-lack",
    Unusable GiveMisfit "give-misfit",
    Unusable GiveTwice "give-twice",
    Unusable GiveUnknown "give-unknown",
    Way GiveUnset "give-unset",
    Notice GiveUpNowhere "give-up-nowhere",
    Notice HangupEndsEarly "hangup-ends-early",
    Unusable HangupNeedsCaller "hangup-needs-caller",
    Notice HashUntold "hash-untold",
    Test HeardDiffers "heard-differs",
    Unusable HoldNotOurs "hold-not-ours",
    Notice HoldPieceLong "hold-piece-long",
    Unusable HoursDay "hours-day",
    Unusable HoursInFlow "hours-in-flow",
    Unusable HoursName "hours-name",
    Notice HoursNeverChange "hours-never-change",
    Unusable HoursOverlap "hours-overlap",
    Unusable HoursRange "hours-range",
    Notice HoursRunOut "hours-run-out",
    Unusable HoursTwice "hours-twice",
    Unusable HoursUnknown "hours-unknown",
    Test InputLost "input-lost",
    Unusable IntoMissing "into-missing",
    Unusable KeyIsEntry "key-is-entry",
    Unusable KeyMisplaced "key-misplaced",
    Notice KeyToldMissing "key-told-missing",
    Unusable KeyUnknown "key-unknown",
    Notice KeyUntold "key-untold",
    Unusable KeysAmbiguous "keys-ambiguous",
    Unusable KeysIllegal "keys-illegal",
    Unusable KeysTooMany "keys-too-many",
    Unusable LanguageNotATag "language-not-a-tag",
    Unusable LanguageUnknown "language-unknown",
    Notice LanguageUnused "language-unused",
    Unusable LanguagesTooMany "languages-too-many",
    Unusable ListMisused "list-misused",
    Way ListOverflows "list-overflows",
    Way LoopNeverEnds "loop-never-ends",
    Way LoopNeverWaits "loop-never-waits",
    Unusable MachineUnknown "machine-unknown",
    Unusable ManifestBroken "manifest-broken",
    Unusable ManifestLanguage "manifest-language",
    Unusable ManifestSyntax "manifest-syntax",
    Unusable ManifestTooLarge "manifest-too-large",
    Unusable ManifestTwice "manifest-twice",
    Unusable ManifestUnreadable "manifest-unreadable",
    Unusable MenuNoKeys "menu-no-keys",
    Way MenuTooFull "menu-too-full",
    Unusable MilestoneName "milestone-name",
    Notice MilestoneUnreachable "milestone-unreachable",
    Notice MissNeverCounted "miss-never-counted",
    Notice MissUnheard "miss-unheard",
    Notice NameMayBeUnset "name-may-be-unset",
    Unusable NameReserved "name-reserved",
    Unusable NameUnknown "name-unknown",
    Test NameUnset "name-unset",
    Unusable NamesTooMany "names-too-many",
    Unusable NextMissing "next-missing",
    Unusable NumberNotE164 "number-not-e164",
    Way NumberRefused "number-refused",
    Unusable NumberTwice "number-twice",
    Unusable OneOfEmpty "one-of-empty",
    Unusable OneOfKeys "one-of-keys",
    Unusable OutboundNeedsCaller "outbound-needs-caller",
    Unusable OutboundUndetected "outbound-undetected",
    Notice OutcomeGivesUp "outcome-gives-up",
    Test OutcomeMissing "outcome-missing",
    Unusable OutcomeNever "outcome-never",
    Notice OutcomeUnheard "outcome-unheard",
    Test OutcomeUnknown "outcome-unknown",
    Unusable OwnPromptMissing "own-prompt-missing",
    Unusable OwnPromptReads "own-prompt-reads",
    Test PatternSyntax "pattern-syntax",
    Notice PauseRounded "pause-rounded",
    Notice PayForeignWords "pay-foreign-words",
    Unusable PayUnclear "pay-unclear",
    Test PressIllegal "press-illegal",
    Way PricesMissing "prices-missing",
    Unusable PromptCircle "prompt-circle",
    Notice PromptEmpty "prompt-empty",
    Unusable PromptMissing "prompt-missing",
    Unusable PromptTooDeep "prompt-too-deep",
    Way PromptTooLong "prompt-too-long",
    Unusable PromptUnknown "prompt-unknown",
    Notice PromptUnused "prompt-unused",
    Notice QueueNoWayOut "queue-no-way-out",
    Unusable RecordingAllSilence "recording-all-silence",
    Unusable RecordingMisused "recording-misused",
    Unusable RecordingNotKept "recording-not-kept",
    Notice RefusalNeverEnds "refusal-never-ends",
    Notice RefuseConstant "refuse-constant",
    Unusable RefuseIncomplete "refuse-incomplete",
    Unusable RejectReason "reject-reason",
    Notice RejectTooLate "reject-too-late",
    Way ReplyTooLarge "reply-too-large",
    Notice RepromptIgnored "reprompt-ignored",
    Unusable RequestNotAlone "request-not-alone",
    Unusable RequestUnclear "request-unclear",
    Unusable SayAsUnknown "say-as-unknown",
    Way SaysAlike "says-alike",
    Notice SaysTwice "says-twice",
    Notice SaysUnheard "says-unheard",
    Test SecondsDiffer "seconds-differ",
    Test SecondsWrong "seconds-wrong",
    Unusable SegmentUnclear "segment-unclear",
    Unusable SenderUnknown "sender-unknown",
    Notice SensitiveCompared "sensitive-compared",
    Unusable SensitiveLost "sensitive-lost",
    Unusable SensitiveTold "sensitive-told",
    Unusable ServiceUnknown "service-unknown",
    Unusable ServiceUntrusted "service-untrusted",
    Way SetMayFail "set-may-fail",
    Settings SettingMissing "setting-missing",
    Settings SettingNotRight "setting-not-right",
    Settings SettingTwice "setting-twice",
    Test SilentFalse "silent-false",
    Unusable SmsNotText "sms-not-text",
    Unusable SmsTooLong "sms-too-long",
    Notice SmsWide "sms-wide",
    Notice SpeechIgnored "speech-ignored",
    Way SpeechLanguage "speech-language",
    Way SpeechMissing "speech-missing",
    Test StepDiffers "step-differs",
    Test StepFailed "step-failed",
    Unusable StepName "step-name",
    Unusable StepNoAction "step-no-action",
    Way StepNoEnd "step-no-end",
    Way StepOutOfReach "step-out-of-reach",
    Unusable StepTwoActions "step-two-actions",
    Notice StepUnreachable "step-unreachable",
    Unusable StepsTooMany "steps-too-many",
    Unusable SubflowCircle "subflow-circle",
    Unusable SubflowFaulty "subflow-faulty",
    Unusable SubflowTooDeep "subflow-too-deep",
    Unusable SubflowUnknown "subflow-unknown",
    Notice SubmittedAgain "submitted-again",
    Test SubmittedDiffers "submitted-differs",
    Test SubmittedMissing "submitted-missing",
    Notice SubmittedUnanswered "submitted-unanswered",
    Test SubmittedUnforeseen "submitted-unforeseen",
    Unusable TakeUnclear "take-unclear",
    Test TalksUnanswered "talks-unanswered",
    Unusable TargetNotAStep "target-not-a-step",
    Unusable TargetUnknown "target-unknown",
    Unusable TestUnknown "test-unknown",
    Unusable TextHoleOpen "text-hole-open",
    Notice TextIsAName "text-is-a-name",
    Notice TextMarkup "text-markup",
    Notice TextOneLanguage "text-one-language",
    Unusable TextTooLong "text-too-long",
    Test TextedDiffers "texted-differs",
    Test TextedMissing "texted-missing",
    Test TextedUnforeseen "texted-unforeseen",
    Unusable TomlSyntax "toml-syntax",
    Unusable TranscribeUnable "transcribe-unable",
    Test TurnMissing "turn-missing",
    Test TurnNoAct "turn-no-act",
    Test TurnNotReached "turn-not-reached",
    Way TurnTooLong "turn-too-long",
    Test TurnTwoActs "turn-two-acts",
    Unusable TypesDiffer "types-differ",
    Unusable UrlNotAbsolute "url-not-absolute",
    Unusable UrlWithSpace "url-with-space",
    Unusable ValueImpossible "value-impossible",
    Unusable ValueMisfit "value-misfit",
    Unusable ValueNotATime "value-not-a-time",
    Unusable ValueOutOfRange "value-out-of-range",
    Unusable ValueTwice "value-twice",
    Unusable ValueWithoutInto "value-without-into",
    Notice ValueWordless "value-wordless",
    Unusable ValueWrongType "value-wrong-type",
    Unusable VariableTypeDiffers "variable-type-differs",
    Notice VariableUnused "variable-unused",
    Unusable VerifyNoCode "verify-no-code",
    Notice VoiceOtherLanguage "voice-other-language",
    Notice VoiceUnknown "voice-unknown",
    Notice WayNeverTaken "way-never-taken",
    Unusable WhisperMissing "whisper-missing",
    Test WorldUnforeseen "world-unforeseen",
    Unusable YesNoHalf "yes-no-half",
    Unusable ZoneMissing "zone-missing",
    Unusable ZoneUnknown "zone-unknown",
}

impl Code {
    /// The code of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Those that a flow, a manifest or their folder can have, sorted by name: the ones with a page.
    pub fn of_flows() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|code| code.page().is_some())
    }

    /// How bad it is where the settings say nothing.
    pub const fn severity(self) -> Severity {
        match self.weight() {
            Weight::Unusable | Weight::Way | Weight::Test | Weight::Settings => Severity::Error,
            Weight::Notice => Severity::Warning,
        }
    }

    /// Whether a flow, manifest or file with it cannot be used at all.
    pub const fn keeps_out(self) -> bool {
        matches!(self.weight(), Weight::Unusable)
    }

    /// The first sentence of its page; nothing where it has none.
    pub fn summary(self) -> &'static str {
        let page = self.page().unwrap_or_default();
        let text = page.split_once("\n\n").map_or(page, |(_, text)| text);
        let line = text.lines().next().unwrap_or_default();
        line.find(". ").map_or(line, |end| &line[..=end])
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
