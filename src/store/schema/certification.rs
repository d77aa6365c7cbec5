//! Certifications, certificates, their years, and decisions.

diesel::table! {
    fields (id) {
        id -> BigInt,
        code -> Text,
        title -> Text,
    }
}

diesel::table! {
    field_neighbours (field_id, neighbour_id) {
        field_id -> BigInt,
        neighbour_id -> BigInt,
    }
}

diesel::table! {
    certifications (id) {
        id -> BigInt,
        code -> Text,
        title -> Text,
        field_id -> BigInt,
        level -> Text,
    }
}

diesel::table! {
    policies (id) {
        id -> BigInt,
        version -> BigInt,
        first_day -> Date,
        minimum_practitioner -> BigInt,
        minimum_expert -> BigInt,
        minimum_certified_officer -> BigInt,
        rate_attending -> BigInt,
        rate_reading -> BigInt,
        rate_writing -> BigInt,
        rate_teaching -> BigInt,
        rate_course_material -> BigInt,
        rate_unregistered -> BigInt,
        publication_cap -> BigInt,
        stages -> Text,
        notice_days -> BigInt,
        carry_over -> BigInt,
        created_at -> Timestamp,
        created_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    certificates (id) {
        id -> BigInt,
        number -> Text,
        number_fold -> Text,
        holder_id -> BigInt,
        certification_id -> BigInt,
        granted_on -> Date,
        decertified_on -> Nullable<Date>,
        times_decertified -> BigInt,
        years_until -> Nullable<Date>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    bare_numbers (certificate_id) {
        certificate_id -> BigInt,
        bare -> Text,
    }
}

diesel::table! {
    certification_years (certificate_id, number) {
        certificate_id -> BigInt,
        number -> BigInt,
        starts_on -> Date,
        ends_on -> Date,
        deadline -> Date,
        flagged_on -> Nullable<Date>,
        outcome -> Nullable<Text>,
        settled_on -> Nullable<Date>,
        approved -> Nullable<BigInt>,
        required -> Nullable<BigInt>,
        carried -> Nullable<BigInt>,
        look_on -> Date,
    }
}

diesel::table! {
    decisions (id) {
        id -> BigInt,
        certificate_id -> BigInt,
        year -> Nullable<BigInt>,
        kind -> Text,
        reason -> Text,
        until -> Nullable<Date>,
        decided_by -> BigInt,
        decided_on -> Date,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    endings (decision_id) {
        decision_id -> BigInt,
        kind -> Text,
        replaced_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    certificate_corrections (decision_id) {
        decision_id -> BigInt,
        old_number -> Text,
        new_number -> Text,
        old_certification_id -> BigInt,
        new_certification_id -> BigInt,
        old_granted_on -> Date,
        new_granted_on -> Date,
    }
}

diesel::table! {
    held_flags (certificate_id, year, deadline) {
        certificate_id -> BigInt,
        year -> BigInt,
        deadline -> Date,
        held_on -> Date,
        confirmed_by -> Nullable<BigInt>,
        confirmed_at -> Nullable<Timestamp>,
    }
}
