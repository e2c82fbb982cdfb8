-- Answers the record of a call. KEYS: the call.
return (find(KEYS[1]))
