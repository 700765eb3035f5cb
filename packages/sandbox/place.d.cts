declare const place: string;
export = place;
