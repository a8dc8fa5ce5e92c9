-- A note was a sentence. It is now a code with its parameters, in a JSON array of objects such as
-- [{"code":"interim_copy","year":2022}], so that words can be changed and translated without a row
-- changing; NULL where there is nothing to note. Sentences that are there become {"code":"text"}, and
-- their rows are marked as read by the parser before, which has them read once more from the stored
-- answers when they are next used.
UPDATE dividend_dps_cache
   SET note = json_array(json_object('code', 'text', 'text', note)),
       parser_version = min(parser_version, 1)
 WHERE note IS NOT NULL;
