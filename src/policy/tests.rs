use super::{
    CapKind, Caps, Country, NumberKind, NumberPlan, NumberRefusal, NumberUse, Policy, Reach, UsedBy,
};

/// A number called in London.
const CALLED: &str = "+442079460123";

fn text(number: &str) -> NumberUse<'_> {
    NumberUse {
        reach: Reach::Text,
        number,
        is_written: false,
        called: CALLED,
    }
}

/// What numbers are, and whether they are texted as nobody said otherwise, by a line in London.
const NUMBERS: [(&str, &str, &str); 44] = [
    ("+442079460000", "fixed GB", "yes"),
    ("+447400123456", "mobile GB", "yes"),
    ("+441632960001", "unknown", "country"),
    ("+447012345678", "personal GB", "kind"),
    ("+448081570000", "freephone GB", "kind"),
    ("+448431234567", "premium GB", "premium"),
    ("+449012345678", "premium GB", "premium"),
    ("+449098790000", "premium GB", "premium"),
    ("+445612345678", "voip GB", "kind"),
    ("+447640123456", "pager GB", "kind"),
    ("+443450000000", "company GB", "kind"),
    ("+44999", "unknown", "country"),
    ("+447781123456", "mobile GG", "country"),
    ("+447797712345", "mobile JE", "country"),
    ("+447924123456", "mobile GB", "yes"),
    ("+12025550173", "fixed or mobile US", "country"),
    ("+19002345678", "premium US", "premium"),
    ("+18002345678", "freephone US", "country"),
    ("+18762345678", "mobile JM", "country"),
    ("+12423456789", "", "country"),
    ("+14734031234", "", "country"),
    ("+16644912345", "", "country"),
    ("+18092345678", "", "country"),
    ("+4915123456789", "mobile DE", "country"),
    ("+4930123456", "fixed DE", "country"),
    ("+499001234567", "premium DE", "premium"),
    ("+491801234567", "shared_cost DE", "country"),
    ("+353850123456", "mobile IE", "country"),
    ("+353152012345", "fixed IE", "country"),
    ("+33612345678", "mobile FR", "country"),
    ("+33891123456", "premium FR", "premium"),
    ("+390669820000", "", "country"),
    ("+881612345678", "", "country"),
    ("+88213000000", "", "country"),
    ("+88299123456", "", "country"),
    ("+8835100123456", "", "country"),
    ("+870773111632", "", "country"),
    ("+80012345678", "", "country"),
    ("+80812345678", "", "country"),
    ("+979123456789", "premium", "premium"),
    ("+2521234567", "", "country"),
    ("+23276123456", "", "country"),
    ("+9991234567890", "", "not_a_number"),
    ("+", "", "not_a_number"),
];

#[test]
fn a_number_is_reached_by_its_country_and_kind() {
    let policy = Policy::default();
    let mut told = String::new();
    for (number, plan, texted) in NUMBERS {
        let known = NumberPlan::of(number);
        let known = known.map(|known| {
            let country = known.country.unwrap_or_default();
            format!("{} {country}", known.kind.as_str())
                .trim()
                .to_owned()
        });
        let known = known.unwrap_or_default();
        let judged = policy.judge(&text(number));
        let judged = judged.map_or_else(NumberRefusal::as_str, |()| "yes");
        if judged != texted || (!plan.is_empty() && known != plan) {
            told += &format!("{number}: {known}, {judged}\n");
        }
    }
    assert!(told.is_empty(), "{told}");
}

#[test]
fn nothing_that_comes_from_data_is_dialled_unless_somebody_says_so() {
    let policy = Policy::default();
    let dial = |number| NumberUse {
        reach: Reach::Dial,
        ..text(number)
    };
    assert_eq!(
        policy.judge(&dial("+442079460000")),
        Err(NumberRefusal::Country)
    );
    let open = Policy {
        dial: vec![Country::Code("IE".to_owned())],
        ..Policy::default()
    };
    assert_eq!(
        open.judge(&dial("+442079460000")),
        Err(NumberRefusal::Country)
    );
    assert!(open.judge(&dial("+353850123456")).is_ok());
    assert_eq!(
        open.judge(&text("+353850123456")),
        Err(NumberRefusal::Country)
    );
}

#[test]
fn what_is_written_is_reached_unless_it_is_premium() {
    let policy = Policy::default();
    let written = |number| NumberUse {
        reach: Reach::Dial,
        is_written: true,
        ..text(number)
    };
    for number in [
        "+12025550173",
        "+88213000000",
        "+441632960001",
        "+9991234567890",
    ] {
        assert!(policy.judge(&written(number)).is_ok(), "{number}");
    }
    assert_eq!(
        policy.judge(&written("+449012345678")),
        Err(NumberRefusal::Premium)
    );
}

#[test]
fn a_line_that_is_no_number_has_no_country() {
    let policy = Policy::default();
    let sip = NumberUse {
        called: "sip:desk@pbx.example.com",
        ..text("+88213000000")
    };
    assert_eq!(policy.judge(&sip), Err(NumberRefusal::Country));
    let british = NumberUse {
        number: "+447400123456",
        ..sip
    };
    assert_eq!(policy.judge(&british), Err(NumberRefusal::Country));
}

#[test]
fn countries_and_kinds_are_read_by_their_words() {
    assert_eq!(Country::parse("called"), Some(Country::Called));
    assert_eq!(Country::parse("GB"), Some(Country::Code("GB".to_owned())));
    for other in ["gb", "UK", "ZZ", "001", "", "G", "GBR", "Gb"] {
        assert_eq!(Country::parse(other), None, "{other}");
    }
    for kind in NumberKind::NAMED {
        assert_eq!(NumberKind::named(kind.as_str()), Some(kind));
    }
    for other in ["premium", "unknown", "voicemail", "fixed or mobile", ""] {
        assert_eq!(NumberKind::named(other), None, "{other}");
    }
}

#[test]
fn what_is_counted_ends_with_the_day_or_with_the_call() {
    let policy = Policy {
        caps: Caps {
            call: Some(1),
            caller: Some(2),
            number: None,
            prefix: Some(4),
            day: Some(5),
        },
        ..Policy::default()
    };
    let used = UsedBy {
        call: "CA1",
        began: "2026-11-30T23:00:00Z".parse().expect("a moment"),
        caller: "+442079460001",
        now: "2026-11-30T23:59:59.5Z".parse().expect("a moment"),
    };
    let caps = policy.caps(&text("+447400123456"), &used);
    let caps: Vec<_> = caps
        .iter()
        .map(|cap| (cap.kind, cap.of.as_str(), cap.most, cap.until.to_string()))
        .collect();
    let day = "2026-12-01T00:00:00Z".to_owned();
    let expected = [
        (CapKind::Call, "CA1", 1, "2026-12-02T23:00:00Z".to_owned()),
        (CapKind::Caller, "+442079460001", 2, day.clone()),
        (CapKind::Prefix, "+44740012", 4, day.clone()),
        (CapKind::Day, "", 5, day),
    ];
    assert_eq!(caps, expected);
}
