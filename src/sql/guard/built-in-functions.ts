/**
 * Functions that every server brings itself, and that reach nothing but their arguments: no file, no lock, no session,
 * no other database. Not among them is what a load would give another value than it had: who is logged in, which
 * database is used, what the last INSERT was numbered.
 */
export const BUILT_IN_FUNCTIONS: ReadonlySet<string> = new Set(
  [
    // Text
    'ascii bin bit_length char char_length character_length charset coercibility collation concat concat_ws elt',
    'export_set field find_in_set format from_base64 hex insert instr lcase left length locate lower lpad ltrim',
    'make_set mid oct octet_length ord position quote regexp_instr regexp_replace regexp_substr repeat',
    'replace reverse right rpad rtrim soundex space strcmp substr substring substring_index to_base64 trim ucase',
    'unhex upper weight_string',
    // Numbers
    'abs acos asin atan atan2 bit_count ceil ceiling conv cos cot crc32 degrees exp floor greatest least ln log log10',
    'log2 mod pi pow power radians rand round sign sin sqrt tan truncate',
    // Times
    'adddate addtime convert_tz curdate current_date current_time current_timestamp curtime date date_add date_format',
    'date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime get_format hour',
    'last_day localtime localtimestamp makedate maketime microsecond minute month monthname now period_add',
    'period_diff quarter sec_to_time second str_to_date subdate subtime sysdate time time_format time_to_sec timediff',
    'timestamp timestampadd timestampdiff to_days to_seconds unix_timestamp utc_date utc_time utc_timestamp week',
    'weekday weekofyear year yearweek',
    // Choices and casts
    'binary cast coalesce convert default if ifnull interval isnull nullif values',
    // Sums of the rows at hand
    'avg bit_and bit_or bit_xor count group_concat max min std stddev stddev_pop stddev_samp sum var_pop var_samp',
    'variance',
    // Digests, and what is encrypted by a key that stands beside it
    'aes_decrypt aes_encrypt compress sha2 uncompress uncompressed_length',
    // Identifiers and addresses
    'inet6_aton inet6_ntoa inet_aton inet_ntoa is_ipv4 is_ipv6 uuid uuid_short',
    // Documents
    'extractvalue json_array json_array_append json_array_insert json_contains json_contains_path',
    'json_depth json_extract json_insert json_keys json_length json_merge',
    'json_merge_patch json_merge_preserve json_object json_overlaps json_pretty json_quote json_remove',
    'json_replace json_search json_set json_type json_unquote json_valid json_value updatexml',
    // Shapes
    'st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_geomcollfromtext',
    'st_geomcollfromwkb st_geometryfromtext st_geometryfromwkb st_geomfromgeojson st_geomfromtext st_geomfromwkb',
    'st_linefromtext st_linefromwkb st_pointfromtext st_pointfromwkb st_polyfromtext st_polyfromwkb',
    'st_polygonfromtext st_polygonfromwkb st_srid st_x st_y',
  ].flatMap((names) => names.split(' ')),
);
