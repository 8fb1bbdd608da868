-- Days on which a unit does not work: they move due dates of alerts, so only entries write them.

CREATE TABLE pipeline_holiday (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit     text NOT NULL REFERENCES pipeline_unit (key),
    day      date NOT NULL,
    name     text NOT NULL,
    entry_id bigint NOT NULL,
    CONSTRAINT a_unit_has_one_holiday_a_day UNIQUE (unit, day)
);

CREATE FUNCTION pipeline_write_holidays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    number text := split_part(NEW.stream, '/', 2);
BEGIN
    IF NEW.kind = 'holiday.declared' THEN
        INSERT INTO pipeline_holiday (unit, day, name, entry_id)
            VALUES (number, (body ->> 'day')::date, body ->> 'name', NEW.id)
            ON CONFLICT (unit, day) DO UPDATE SET name = excluded.name, entry_id = excluded.entry_id;
    ELSE
        -- A day that is worked after all keeps its row, without a name: nothing is deleted that was once said.
        UPDATE pipeline_holiday SET name = '', entry_id = NEW.id
            WHERE unit = number AND day = (body ->> 'day')::date AND name <> '';
        IF NOT FOUND THEN
            PERFORM pipeline_refuse(format('%s is no holiday of %s', body ->> 'day', number), 'only_a_holiday_is_withdrawn');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_3_writes_holidays BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('holiday.declared', 'holiday.withdrawn')) EXECUTE FUNCTION pipeline_write_holidays();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_3_writes_holidays;
SELECT ledger_guard('pipeline_holiday', false);
