import { expect, it } from "vitest";
import { guessLanguage } from "./language.ts";

it.each([
  ["ro", "Aceasta este cea mai mare bibliotecă din țară și a fost construită de un arhitect care era din oraș."],
  ["hu", "Ez a könyvtár az ország legnagyobb épülete, és egy olyan építész tervezte, aki nem volt ismert."],
  ["no", "Dette biblioteket er det største i landet og ble bygget av en arkitekt som ikke var kjent."],
  ["da", "Dette bibliotek er det største i landet og blev bygget af en arkitekt, som ikke var kendt."],
  ["cs", "Tato knihovna je největší v zemi a byla postavena podle návrhu, který se nelíbil, ale je známý."],
  ["ca", "Aquesta biblioteca és la més gran del país i va ser construïda per un arquitecte que no era conegut."],
  ["vi", "Đây là thư viện lớn nhất của cả nước và được xây bởi một kiến trúc sư không có tên."],
  ["bg", "Тази библиотека е най-голямата в страната и беше построена от архитект, който не беше познат."],
  ["sr", "Ова библиотека је највећа у земљи и била је грађена по плану који се није допао."],
  ["fa", "این کتابخانه بزرگ‌ترین کتابخانه کشور است و یک معمار آن را ساخت که گمنام بود."],
  ["ur", "یہ ملک کا سب سے بڑا کتب خانہ ہے اور اسے ایک معمار نے بنایا تھا۔"],
  ["ar", "هذه المكتبة هي أكبر مكتبة في البلاد وقد بناها مهندس معماري."],
])("tells %s from its neighbours", (language, text) => {
  expect(guessLanguage(text).language).toBe(language);
});
