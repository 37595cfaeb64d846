// Writes a list of companies: `node companies.mjs ROWS OUT.csv [SEED]`. Names, places and products are made up, credit codes have the
// right form and check characters (GB 32100-2015, GB 11714-1997), and every hundredth row is wrong in one of six ways.
import fs from 'node:fs';

const [, , rowCount = '100000', out = 'companies.csv', seed = '20260630'] = process.argv;
const N = Number(rowCount);

// Mulberry32: a small generator that gives the same numbers everywhere.
let state = Number(seed) | 0;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (limit) => Math.floor(random() * limit);
const one = (list) => list[below(list.length)];

const CITIES = [
  ['江苏', '苏州市', '320500'], ['江苏', '南京市', '320100'], ['江苏', '常州市', '320400'], ['浙江', '杭州市', '330100'],
  ['浙江', '宁波市', '330200'], ['广东', '深圳市', '440300'], ['广东', '东莞市', '441900'], ['广东', '佛山市', '440600'],
  ['四川', '成都市', '510100'], ['湖北', '武汉市', '420100'], ['安徽', '合肥市', '340100'], ['山东', '青岛市', '370200'],
  ['福建', '厦门市', '350200'], ['湖南', '长沙市', '430100'], ['陕西', '西安市', '610100'], ['重庆', '重庆市', '500100'],
  ['上海', '上海市', '310100'], ['北京', '北京市', '110100'], ['河南', '郑州市', '410100'], ['辽宁', '大连市', '210200'],
];
const BRAND = [...'安邦博晨诚达德鼎东方飞丰富冠光国海瀚豪恒宏华汇吉嘉健杰金锦京巨凯康科坤立联龙隆美明宁鹏普奇庆荣瑞润盛世顺泰腾天通万旺威祥新信兴旭亚扬益永宇元远云泽正中众卓'];
const FIELDS = ['新材料', '新能源', '膜科技', '精密机械', '电子', '半导体', '生物医药', '智能装备', '化工', '储能', '传感', '光电', '环保', '轴承', '泵业', '食品'];
const PRODUCTS = [
  '离子交换膜', '全氟质子膜', '双极板', '石墨毡', '电解液', '五氧化二钒', '钒电池电堆', '储能逆变器', '磁力泵', '换热器', '电池管理系统', '碳纤维布',
  '单抗', '培养基', '层析填料', '一次性反应袋', '冻干粉针', '伺服电机', '谐波减速器', '滚珠丝杠', '光刻胶', '溅射靶材', '键合丝', '封装基板',
  '激光雷达', '压力传感器', '工业相机', '特种轴承', '橡胶密封件', '铝型材', '注塑件', '包装材料',
];
const INDUSTRY = ['C 制造业', 'M 科学研究和技术服务业', 'I 信息传输、软件和信息技术服务业', 'F 批发和零售业'];

const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const WEIGHTS = Array.from({ length: 17 }, (_, index) => 3 ** index % 31);
const creditCode = (region, number) => {
  const body = String(number).padStart(8, '0');
  const sum = [3, 7, 9, 10, 5, 8, 4, 2].reduce((sum, weight, index) => sum + weight * Number(body[index]), 0);
  const check = 11 - (sum % 11);
  const front = `91${region}${body}${check === 11 ? '0' : check === 10 ? 'X' : check}`;
  const total = [...front].reduce((sum, character, index) => sum + CHARACTERS.indexOf(character) * WEIGHTS[index], 0);
  return front + CHARACTERS[(31 - (total % 31)) % 31];
};

const names = new Set();
const name = (city) => {
  for (;;) {
    const made = `${city.replace('市', '')}${one(BRAND)}${one(BRAND)}${random() < 0.6 ? one(BRAND) : ''}${one(FIELDS)}${one(['有限公司', '股份有限公司', '科技有限公司', '集团有限公司'])}`;
    if (!names.has(made)) {
      names.add(made);
      return made;
    }
  }
};
const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const file = fs.createWriteStream(out);
file.write('\ufeff企业名称,统一社会信用代码,省份,城市,注册地址,所属行业,主营产品,收入占比,营业收入（万元）,员工人数,经营范围,备注\n');
let first = null;
for (let index = 0; index < N; index += 1) {
  const [province, city, region] = one(CITIES);
  const products = Array.from({ length: 1 + below(4) }, () => one(PRODUCTS)).filter((product, at, all) => all.indexOf(product) === at);
  const shares = products.map((_, at) => (at === 0 ? 1 - 0.1 * (products.length - 1) : 0.1).toFixed(2));
  const row = [
    name(city), creditCode(region, 10_000_000 + index), province, city, `${city}示例大道 ${1 + below(999)} 号`, one(INDUSTRY),
    products.join('；'), shares.join('；'), String(below(500_000)), String(below(3000)),
    `${products.join('、')}的研发、生产和销售；技术咨询和技术服务。`, '',
  ];
  if (index % 100 === 99) {
    switch (Math.floor(index / 100) % 6) {
      case 0: row[0] = ''; break;
      case 1: row[1] = `${row[1].slice(0, 17)}${row[1][17] === '0' ? '1' : '0'}`; break;
      case 2: row[1] = row[1].slice(0, 15); break;
      case 3: row[9] = '许多'; break;
      case 4: row[7] = '1.5'; row[6] = '单抗'; break;
      default: row[0] = first; row[1] = ''; break;
    }
  }
  first ??= row[0];
  if (!file.write(`${row.map(cell).join(',')}\n`)) await new Promise((resolve) => file.once('drain', resolve));
}
file.end();
